using System.Globalization;
using System.Text;
using Resurgam.Adapters;
using Resurgam.Adapters.Ledgers;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.RealTests.Ledgers;

/// <summary>A long ledger in a folder, verified as <c>ledger verify</c> does it. bench/ledger makes it longer, and compares what is printed here.</summary>
public sealed class LedgerScaleTests
{
    private static readonly StreamName Stream = StreamName.OfAsset("db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_long_ledger_is_verified()
    {
        var entries = int.Parse(
            Environment.GetEnvironmentVariable("RESURGAM_LEDGER_ENTRIES") ?? "20000",
            CultureInfo.InvariantCulture
        );
        var folder = Directory.CreateTempSubdirectory("resurgam-ledger-").FullName;
        try
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var secret = new LedgerSecret(SealingKey.Create(new SystemEntropy()));
            var ledger = await FillAsync(folder, secret, entries);
            for (var round = 1; round <= 3; round++)
                Tell("sampled signatures", await VerifyAsync(ledger, entries, allSignatures: false));
            Tell("all signatures", await VerifyAsync(ledger, entries, allSignatures: true));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Tell(string what, double rate) =>
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{what}: {rate:0} entries a second")
        );

    private static async Task<double> VerifyAsync(Ledger ledger, int entries, bool allSignatures)
    {
        var began = TimeProvider.System.GetTimestamp();
        var report = await new LedgerVerifier(ledger, Environment.ProcessorCount, NoProgress.Instance).RunAsync(
            allSignatures,
            [],
            Token
        );
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Assert.True(report.Passed, string.Join('\n', report.Findings.Take(5)));
        Assert.InRange(report.Entries, entries, entries + 10);
        return report.Entries / seconds;
    }

    /// <summary>Every entry is really signed; whole segments are written at once, as a compaction leaves them.</summary>
    private static async Task<Ledger> FillAsync(string folder, LedgerSecret secret, int entries)
    {
        FolderStore store = new(folder, new SystemEntropy());
        Ledger ledger = new(store, "vault-1", secret);
        var machine = NodeKeyFile.Open(
            Path.Combine(folder, "..", Path.GetFileName(folder) + ".key"),
            new SystemEntropy()
        );
        File.Delete(Path.Combine(folder, "..", Path.GetFileName(folder) + ".key"));
        LedgerAuthor author = new("root@db1", "resurgam 0.1.0", machine, new EcdsaSigning());
        LedgerWriter writer = new(ledger, author, TimeProvider.System);
        var head = (await writer.AppendAsync(Stream, Fact(1), Token)).Head;
        await store.DeleteAsync("ledger/asset.db/000000000001", Token);
        head = ledger.Beginning(Stream);
        using MemoryStream lines = new();
        for (var seq = 1; seq <= entries; seq++)
        {
            var entry = LedgerLine.Sign(
                head,
                Fact(seq),
                DateTimeOffset.UnixEpoch.AddSeconds(seq),
                "root@db1",
                "resurgam 0.1.0",
                machine
            );
            head = entry.Head;
            lines.Write(entry.Line.Span);
            if (seq % ledger.EntriesInSegment != 0)
                continue;
            var first = seq - ledger.EntriesInSegment + 1;
            await store.PutAsync(
                string.Create(CultureInfo.InvariantCulture, $"ledger/segments/{Stream}/{first:D12}"),
                secret.Seal(lines.ToArray()),
                Token
            );
            lines.SetLength(0);
        }
        return ledger;
    }

    /// <summary>As long as that of a backup.</summary>
    private static LedgerFact Fact(int number) =>
        LedgerFact.Of(
            EntryKind.Backup,
            Encoding.UTF8.GetBytes(
                $$"""{"asset":"db","snapshot":"{{EntryHash.Of(BitConverter.GetBytes(number))}}","parent":"{{EntryHash.Of(
                    BitConverter.GetBytes(number - 1)
                )}}","time":"2026-11-24T02:53:03.9574825Z","mode":"full","bytesRead":{{number}},"bytesNew":1422,"bytesStored":1768,"duration":0.2195027,"findings":[],"notes":[]}"""
            )
        );
}
