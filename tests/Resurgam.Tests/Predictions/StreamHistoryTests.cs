using System.Text;
using System.Text.Json;
using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Predictions;

public sealed class StreamHistoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<AssetEvent> EveryEvent =>
        [
            new AssetEvent.Backup
            {
                At = Noon,
                Snapshot = BlobId.Of("a"u8),
                TakenAt = Noon.AddSeconds(-1),
                SizeBytes = 7,
                Findings = ["a file is damaged"],
                FindingCount = 7,
                Duration = TimeSpan.FromSeconds(2.5),
                Timeline = 2,
                Start = new Lsn(5),
                Stop = new Lsn(9),
            },
            new AssetEvent.Verification
            {
                At = Noon,
                Snapshot = BlobId.Of("a"u8),
                Passed = true,
                Steps = [new StepTime("restore", TimeSpan.FromSeconds(1.5))],
                Bytes = new RestoredBytes(1, 2, 3),
                LastCommitAt = Noon,
                Unproven = "there was no scratch server",
            },
            new AssetEvent.Restore
            {
                At = Noon,
                Snapshot = BlobId.Of("a"u8),
                Steps = [new StepTime("restore", TimeSpan.FromSeconds(1.5))],
                Bytes = new RestoredBytes(1, null, null),
            },
            new AssetEvent.Revocation
            {
                At = Noon,
                Before = Noon.AddMinutes(-1),
                Reason = "tokens were stolen",
            },
            new AssetEvent.Failure
            {
                At = Noon,
                Tried = EntryKind.Backup,
                Code = "files-no-folder",
                What = "there is no folder",
            },
        ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_kind_of_event_has_its_row() =>
        Assert.Equal(
            typeof(AssetEvent).GetNestedTypes().Select(type => type.Name).Order(),
            EveryEvent.Select(row => row.Data.GetType().Name).Order()
        );

    [Theory]
    [MemberData(nameof(EveryEvent))]
    public void An_event_reads_back_as_it_was_written(AssetEvent written)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
            written.WriteBody(json);
        using var body = JsonDocument.Parse(bytes.ToArray());

        Assert.Equal(written, AssetEvent.TryRead(written.Kind, written.At, body.RootElement));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{}""")]
    [InlineData("""{"snapshot":7}""")]
    [InlineData("""{"snapshot":"short"}""")]
    public void A_body_that_names_no_snapshot_is_no_event(string body)
    {
        using var json = JsonDocument.Parse(body);
        Assert.Null(AssetEvent.TryRead(EntryKind.Backup, Noon, json.RootElement));
    }

    [Fact]
    public async Task Reading_on_gives_what_reading_anew_gives()
    {
        LedgerWorld world = new();
        var writer = world.NewWriter(world.NewMachine("one"));
        StreamHistory? known = null;
        for (var i = 0; i < 70; i++)
        {
            await writer.AppendAsync(LedgerWorld.Db, Fact(i), Token);
            if (i % 3 == 0)
                known = await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, known, isWhole: false, Token);
        }
        known = await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, known, isWhole: false, Token);

        var anew = await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, known: null, isWhole: false, Token);

        Assert.Equal(70, known.Head.Seq);
        Assert.Equal(anew.Head, known.Head);
        Assert.Equal(anew.History.LastBackup, known.History.LastBackup);
        Assert.Equal(anew.History.Events.TakeLast(32), known.History.Events.TakeLast(32));
        Assert.Same(known, await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, known, isWhole: false, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revocation_is_found_behind_any_number_of_entries_when_the_whole_is_read(bool isWhole)
    {
        LedgerWorld world = new();
        var writer = world.NewWriter(world.NewMachine("one"));
        Revocation revoked = new()
        {
            Asset = "db",
            Before = Noon,
            Reason = "stolen",
        };
        await writer.AppendAsync(LedgerWorld.Db, revoked.ToFact(), Token);
        await writer.AppendAsync(LedgerWorld.Db, (revoked with { Before = Noon.AddDays(-1) }).ToFact(), Token);
        for (var i = 0; i < 100; i++)
            await writer.AppendAsync(LedgerWorld.Db, Fact(i % 2 == 0 ? 0 : 1), Token);

        var read = await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, known: null, isWhole, Token);

        Assert.Equal(isWhole ? Noon : null, read.History.Revoked?.Before);
    }

    [Fact]
    public async Task A_ledger_that_was_replaced_is_read_anew()
    {
        LedgerWorld world = new();
        var writer = world.NewWriter(world.NewMachine("one"));
        for (var i = 0; i < 3; i++)
            await writer.AppendAsync(LedgerWorld.Db, Fact(i), Token);
        var known = await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, null, isWhole: false, Token);
        var other = new LedgerHead(LedgerWorld.Db, 3, EntryHash.Of("another"u8));

        var read = await StreamHistory.ReadAsync(
            world.Ledger,
            LedgerWorld.Db,
            new StreamHistory(other, AssetHistory.Empty),
            isWhole: false,
            Token
        );

        Assert.Equal(known.History.Events, read.History.Events);
    }

    [Fact]
    public async Task Damage_is_told()
    {
        LedgerWorld world = new();
        var writer = world.NewWriter(world.NewMachine("one"));
        await writer.AppendAsync(LedgerWorld.Db, Fact(0), Token);
        world.Store.Overwrite(LedgerWorld.KeyOf(LedgerWorld.Db, 1), "junk"u8.ToArray());

        var problem = await Assert.ThrowsAsync<ResurgamException>(() =>
            StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, null, isWhole: false, Token)
        );

        Assert.Equal("ledger-damaged", problem.Problem.Code);
    }

    [Fact]
    public async Task The_cache_gives_back_what_it_took_and_is_empty_when_damaged()
    {
        LedgerWorld world = new();
        var writer = world.NewWriter(world.NewMachine("one"));
        for (var i = 0; i < 5; i++)
            await writer.AppendAsync(LedgerWorld.Db, Fact(i), Token);
        var known = await StreamHistory.ReadAsync(world.Ledger, LedgerWorld.Db, null, isWhole: false, Token);
        using TemporaryFolder folder = new();
        var path = folder.Combine("status/cache.json");
        var snapshot = KeyValuePair.Create(BlobId.Of("a"u8), new KnownSnapshot("db", Noon));

        RunTimes run = new(
            StreamName.OfAsset("run"),
            new RunbookId("back"),
            [new StepTime("restore", TimeSpan.FromSeconds(1.5))]
        );
        HistoryCache.Write(path, [known], [snapshot], [run], new SeededEntropy(1));
        var read = HistoryCache.Read(path);

        Assert.Equal(known, read.Streams[LedgerWorld.Db]);
        Assert.Equal(snapshot, Assert.Single(read.Snapshots));
        Assert.Equal(run, read.Runs[run.Stream]);
        var text = await File.ReadAllTextAsync(path, Token);
        for (var length = 0; length < text.Length; length += 7)
        {
            await File.WriteAllTextAsync(path, text[..length], Token);
            Assert.Empty(HistoryCache.Read(path).Streams);
        }
    }

    private static LedgerFact Fact(int number) =>
        number % 2 == 0
            ? LedgerFact.Of(
                EntryKind.Backup,
                Encoding.UTF8.GetBytes(
                    $$"""{"snapshot":"{{BlobId.Of([(byte)(number / 2)]).Hex}}","time":"2026-11-23T12:00:{{number % 60:00}}Z","bytesRead":{{number}}}"""
                )
            )
            : LedgerFact.Of(
                EntryKind.Verification,
                Encoding.UTF8.GetBytes(
                    $$"""{"snapshot":"{{BlobId.Of([(byte)(number / 2)]).Hex}}","passed":true,"steps":[{"name":"restore","seconds":1.5}],"bytesTotal":{{number}},"bytesWritten":1}"""
                )
            );
}
