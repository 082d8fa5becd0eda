using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Recovery;

/// <summary>Segments 1 to 5 of timeline 1, served on a socket.</summary>
internal static class ServedWal
{
    public const int SegmentSizeBytes = 1 << 20;

    public static async Task<WalFeedServer> StartAsync(MemoryStore store, AheadFolder? ahead, string socketPath)
    {
        WalArchive archive = new("db", [new WalPlace(store, "wal/", SealingKey.Create(new SeededEntropy(1)))]);
        for (byte number = 1; number <= 5; number++)
            await archive.PutFragmentAsync(
                new WalFragment
                {
                    SystemIdentifier = 1,
                    Timeline = 1,
                    SegmentSizeBytes = SegmentSizeBytes,
                    Start = new Lsn(number * (ulong)SegmentSizeBytes),
                    Bytes = Segment(number),
                },
                TestContext.Current.CancellationToken
            );
        WalFeed feed = new(archive, SegmentSizeBytes, ahead, TimeProvider.System);
        return WalFeedServer.Start(feed, socketPath, TimeProvider.System);
    }

    public static byte[] Segment(byte number)
    {
        var bytes = new byte[SegmentSizeBytes];
        Array.Fill(bytes, number);
        return bytes;
    }
}
