using CsCheck;
using Resurgam.Adapters.Redis.Commands;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Redis.Commands;

public sealed class CommandJournalTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly StreamLink Link = new()
    {
        ReplicationId = "c378489ecba38379a25bea133d3034ae51cf3771",
        Offset = 1000,
        Position = 0,
        BeganAt = Noon,
        Base = new string('a', 64),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_synced_is_gone_on_with_after_a_kill()
    {
        using (var spool = Open())
        {
            CommandJournal journal = new(spool);
            journal.Begin(1, Link);
            journal.Write("*1\r\n$4\r\nPING\r\n"u8, Noon.AddSeconds(1));
            journal.Sync();
            journal.Write("lost"u8, Noon.AddSeconds(2));
        }
        Cut(4);

        using var after = Open();
        CommandJournal again = new(after);
        again.Recover();

        Assert.Equal(1014, again.DurableOffset);
        Assert.Equal(Noon.AddSeconds(1), again.LastAt);
        Assert.Equal((Link.ReplicationId, 1014), (again.Point?.Id, again.Point?.Offset));
        again.Resume();
        again.Write("*1\r\n"u8, Noon.AddSeconds(3));
        Assert.Equal(1018, again.Sync());
    }

    [Fact]
    public void A_used_file_serves_again_and_its_old_frames_are_not_taken_for_new_ones()
    {
        using (var spool = Open())
        {
            CommandJournal journal = new(spool);
            journal.Begin(1, Link);
            journal.Write(new byte[1000], Noon);
            journal.Sync();
            spool.Remove(spool.List()[0].Segment);
            journal.Begin(2, Link with { Position = CommandFrame.SegmentBytes });
        }

        using var after = Open();
        CommandJournal again = new(after);
        again.Recover();

        Assert.Equal((2u, 1000L), (again.Timeline, again.DurableOffset));
    }

    /// <summary>Across the border of a segment, with no room or too little of it for one more frame.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(48)]
    [InlineData(49)]
    public void Every_byte_comes_back_from_the_store_in_order(int leftBytes)
    {
        using var spool = Open();
        CommandJournal journal = new(spool);
        journal.Begin(1, Link);
        using MemoryStream sent = new();
        while (CommandFrame.SegmentBytes - InSegment(spool) > CommandJournal.MaxContentBytes + 600_000)
            Send(CommandJournal.MaxContentBytes);
        Send(CommandFrame.SegmentBytes - InSegment(spool) - CommandFrame.HeaderBytes - leftBytes - 600_000);
        Send(600_000 - CommandFrame.HeaderBytes);
        Assert.Equal(
            leftBytes,
            CommandFrame.SegmentBytes - InSegment(spool) - (leftBytes == 0 ? CommandFrame.SegmentBytes : 0)
        );
        Send(1);
        Send(100);

        using MemoryStream read = new();
        foreach (var stretch in ReadAll(spool))
            if (stretch.Frame.Kind == CommandFrameKind.Commands)
            {
                Assert.Equal(Link.Offset + read.Length, stretch.Frame.Offset);
                read.Write(stretch.Content.Span);
            }
        Assert.True(sent.ToArray().AsSpan().SequenceEqual(read.ToArray()));

        void Send(int count)
        {
            var bytes = new byte[count];
            bytes.AsSpan().Fill((byte)(sent.Length % 251));
            sent.Write(bytes);
            journal.Write(bytes, Noon);
            journal.Sync();
        }
    }

    /// <summary>A power cut leaves any of the unsynced bytes: a frame counts whole or not at all.</summary>
    [Fact]
    public void A_frame_that_is_torn_does_not_count()
    {
        byte[] bytes;
        using (var spool = Open())
        {
            CommandJournal journal = new(spool);
            journal.Begin(1, Link);
            for (var i = 0; i < 20; i++)
                journal.Write(new byte[100 + i], Noon);
            journal.Sync();
            var segment = spool.List()[0];
            bytes = new byte[(int)(segment.End - segment.Segment.Start)];
            spool.Read(segment.Segment, segment.Segment.Start, bytes);
        }
        Gen.Int[200, bytes.Length - 1]
            .Sample(
                flipped =>
                {
                    var torn = bytes.ToArray();
                    torn[flipped] ^= 1;
                    CommandScanner scanner = new(1);
                    scanner.Add(default, torn.AsSpan(0, flipped / 2));
                    scanner.Add(new((ulong)(flipped / 2)), torn.AsSpan(flipped / 2));
                    Assert.True(scanner.End!.Value.Value <= (ulong)flipped);
                    Assert.True(scanner.End.Value.Value + 200 > (ulong)flipped);
                },
                iter: 200
            );
    }

    private static IEnumerable<CommandStretch> ReadAll(WalSpool spool)
    {
        MemoryStore store = new();
        WalArchive archive = new("sessions", [new WalPlace(store, "wal/", SealingKey.Create(new SeededEntropy(1)))]);
        StreamSettings settings = new() { Asset = "sessions", Folder = "unused" };
        WalShipper shipper = new(
            spool,
            CommandForm.Instance,
            settings,
            _ => ValueTask.FromResult(archive),
            new Microsoft.Extensions.Time.Testing.FakeTimeProvider()
        );
        shipper.DrainAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        CommandArchive commands = new(archive);
        var timeline = commands.ListAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult()[0];
        return commands
            .ReadAsync(timeline, Link.Offset, TestContext.Current.CancellationToken)
            .ToBlockingEnumerable(TestContext.Current.CancellationToken);
    }

    private static int InSegment(WalSpool spool) => (int)(spool.Here.Written.Value % CommandFrame.SegmentBytes);

    private WalSpool Open() => WalSpool.Open(_folder.FullPath, CommandForm.Instance);

    /// <summary>Takes the last bytes that were written, as a power cut may.</summary>
    private void Cut(int lengthBytes)
    {
        var path = Path.Combine(_folder.FullPath, "00000001", "000000010000000000000000");
        var bytes = File.ReadAllBytes(path);
        var end = Array.FindLastIndex(bytes, b => b != 0) + 1;
        bytes.AsSpan(end - lengthBytes, lengthBytes).Clear();
        File.WriteAllBytes(path, bytes);
    }
}
