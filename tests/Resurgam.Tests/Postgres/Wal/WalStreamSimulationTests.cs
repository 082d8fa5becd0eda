using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Wal;

public sealed class WalStreamSimulationTests : IDisposable
{
    private const int SegmentSizeBytes = 1 << 20;
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stream_ships_all_that_it_received()
    {
        var wal = Make(kibibytes: 2500);
        using var stream = new StreamSimulation(_folder, ServerOf(wal), new MemoryStore());

        Assert.Null(await stream.ReceiveAsync(Token));
        await stream.Shipper.DrainAsync(Token);

        await AssertArchivedAsync(stream, wal);
        Assert.Equal(wal.End, stream.Shipper.Shipped?.End);
        Assert.Equal(stream.Reception.LastCommitAt, stream.Shipper.LastCommitAt);
        Assert.Null(stream.Reception.Damage);
    }

    /// <summary>Every store call fails in turn, in both ways, with a kill after it: nothing that was acknowledged is lost.</summary>
    [Theory]
    [InlineData(StoreFault.Lost)]
    [InlineData(StoreFault.Unheard)]
    public async Task No_failing_store_call_loses_an_acknowledged_byte(StoreFault fault)
    {
        var calls = 0;
        for (var n = 1; n == 1 || n <= calls; n++)
        {
            var wal = Make(kibibytes: 1500);
            using var folder = new TemporaryFolder();
            var memory = new MemoryStore();
            var store = FaultyStore.FailingAt(memory, n, fault);
            var stream = new StreamSimulation(folder, ServerOf(Make(kibibytes: 700)), store);
            await ReceiveAgainAsync(stream);
            await TryShipAsync(stream);
            stream.Server.Add(wal); // the same and more
            await ReceiveAgainAsync(stream);
            await TryShipAsync(stream);

            using var after = stream.Killed(memory);
            Assert.Equal(wal.End, after.Spool.Position?.Durable);
            await after.Shipper.DrainAsync(Token);
            await AssertArchivedAsync(after, wal);
            calls = Math.Max(calls, store.CallCount);
        }
        Assert.InRange(calls, 10, 200);
    }

    [Fact]
    public async Task A_store_that_was_away_gets_everything_in_order()
    {
        var wal = Make(kibibytes: 3500);
        var memory = new MemoryStore();
        var isAway = true;
        var store = new FaultyStore(memory, (_, _) => isAway ? StoreFault.Lost : StoreFault.None);
        using var stream = new StreamSimulation(_folder, ServerOf(wal), store);
        // With nothing here, the archive has to say where to begin; once something is here, the store is not needed.
        Assert.Equal("store-unreachable", (await stream.ReceiveAsync(Token))?.Code);
        isAway = false;
        stream.Server.Add(Make(kibibytes: 100));
        await stream.ReceiveAsync(Token);
        isAway = true;
        stream.Server.Add(wal);
        Assert.Null(await stream.ReceiveAsync(Token));
        await Assert.ThrowsAsync<ResurgamException>(() => stream.Shipper.DrainAsync(Token));
        Assert.Equal(wal.End, stream.Spool.Position?.Durable);
        Assert.Empty(memory.Objects);

        isAway = false;
        await stream.Shipper.DrainAsync(Token);

        await AssertArchivedAsync(stream, wal);
        Assert.All(memory.Objects.Keys.Take(3), k => Assert.EndsWith("-00100000", k, StringComparison.Ordinal));
    }

    /// <summary>The loss is told from it: what was only tried must not count.</summary>
    [Fact]
    public async Task What_the_store_has_refused_is_not_told_as_being_there()
    {
        var refuses = false;
        var store = new FaultyStore(
            new MemoryStore(),
            (_, call) =>
                refuses && call.StartsWith("put ", StringComparison.Ordinal) ? StoreFault.Lost : StoreFault.None
        );
        using var stream = new StreamSimulation(_folder, ServerOf(Make(kibibytes: 100)), store);
        await stream.ReceiveAsync(Token);
        await stream.Shipper.DrainAsync(Token);
        var (end, commitAt) = (stream.Shipper.Shipped?.End, stream.Shipper.LastCommitAt);
        var wal = Make(kibibytes: 300);
        stream.Server.Add(wal);
        await stream.ReceiveAsync(Token);

        refuses = true;
        await Assert.ThrowsAsync<ResurgamException>(() => stream.Shipper.DrainAsync(Token));
        Assert.Equal((end, commitAt), (stream.Shipper.Shipped?.End, stream.Shipper.LastCommitAt));

        refuses = false;
        await stream.Shipper.DrainAsync(Token);
        Assert.Equal(
            (wal.End, stream.Reception.LastCommitAt),
            (stream.Shipper.Shipped?.End, stream.Shipper.LastCommitAt)
        );
        await AssertArchivedAsync(stream, wal);
    }

    [Fact]
    public async Task Many_small_fragments_become_few_objects()
    {
        var server = new SimulatedServer(1);
        var memory = new MemoryStore();
        var wal = new WalMaker(new Lsn(SegmentSizeBytes));
        wal.AddRecord(100);
        server.Add(wal);
        using var stream = new StreamSimulation(_folder, server, memory);
        for (var i = 0; i < 300; i++)
        {
            wal.AddCommit((uint)i, Noon.AddSeconds(i));
            server.Add(wal);
            await stream.ReceiveAsync(Token);
            await stream.Shipper.DrainAsync(Token);
        }
        Assert.InRange(memory.Objects.Count, 1, 3 * 16);
        await AssertArchivedAsync(stream, wal);
        Assert.Equal(Noon.AddSeconds(299), stream.Shipper.LastCommitAt);
    }

    [Fact]
    public async Task A_timeline_switch_is_followed_with_its_history_first()
    {
        var (old, next, switchAt) = Promoted();
        var server = ServerOf(old);
        var memory = new MemoryStore();
        using var stream = new StreamSimulation(_folder, server, memory);
        await stream.ReceiveAsync(Token);
        await stream.Shipper.DrainAsync(Token);
        Promote(server, next, switchAt);

        Assert.Null(await stream.ReceiveAsync(Token));
        await stream.Shipper.DrainAsync(Token);

        var archive = stream.Archive();
        Assert.Equal(server.Histories[2], await archive.FindHistoryAsync(2, Token));
        await AssertArchivedAsync(stream, next);
        var coverage = await archive.CoverageAsync(Token);
        Assert.Equal(switchAt, coverage.Find(1)?.End);
        Assert.Equal(WalSegment.At(2, switchAt, SegmentSizeBytes).Start, coverage.Find(2)?.Start);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.FullPath, "00000001")));
    }

    [Fact]
    public async Task A_switch_that_happened_while_we_were_away_is_followed_over_the_end_of_the_old_timeline()
    {
        var (old, next, switchAt) = Promoted();
        var server = new SimulatedServer(3);
        var half = new WalMaker(old.Start);
        half.AddRecord(5000);
        server.Add(half);
        var stream = new StreamSimulation(_folder, server, new MemoryStore());
        await stream.ReceiveAsync(Token);

        server.Add(old);
        Promote(server, next, switchAt);
        using var after = stream.Killed();
        Assert.Null(await after.ReceiveAsync(Token));
        await after.Shipper.DrainAsync(Token);

        Assert.Equal(switchAt, (await after.Archive().CoverageAsync(Token)).Find(1)?.End);
        await AssertArchivedAsync(after, next);
    }

    /// <summary>What recovery leaves: a new timeline, and of the old one nothing; the spool went with the machine.</summary>
    [Fact]
    public async Task A_cluster_that_was_restored_to_the_end_of_the_archive_is_followed()
    {
        var (old, next, switchAt) = Promoted();
        var memory = new MemoryStore();
        var stream = new StreamSimulation(_folder, ServerOf(old), memory);
        await stream.ReceiveAsync(Token);
        await stream.Shipper.DrainAsync(Token);
        stream.Dispose();

        var restored = ServerOf(next);
        Promote(restored, next, switchAt);
        using var empty = new TemporaryFolder();
        using var after = new StreamSimulation(empty, restored, memory);
        Assert.Null(await after.ReceiveAsync(Token));
        await after.Shipper.DrainAsync(Token);

        Assert.Equal([$"start 2 {next.Start}"], restored.Calls);
        await AssertArchivedAsync(after, next);
    }

    /// <summary>The new primary never saw our last records: they stay in the archive, and the new timeline is followed.</summary>
    [Fact]
    public async Task A_failover_that_lost_records_is_told_and_followed()
    {
        var (longer, next, switchAt) = Promoted();
        longer.AddRecord(100_000);
        var server = ServerOf(longer);
        using var stream = new StreamSimulation(_folder, server, new MemoryStore());
        await stream.ReceiveAsync(Token);

        Promote(server, next, switchAt);
        Assert.Null(await stream.ReceiveAsync(Token));
        await stream.Shipper.DrainAsync(Token);

        Assert.Contains(stream.Told, t => t.Contains("lost by the failover", StringComparison.Ordinal));
        await AssertArchivedAsync(stream, longer);
        await AssertArchivedAsync(stream, next);
    }

    [Fact]
    public async Task A_foreign_cluster_is_refused()
    {
        var stream = new StreamSimulation(_folder, ServerOf(Make(300)), new MemoryStore());
        await stream.ReceiveAsync(Token);
        stream.Server.SystemIdentifier = 1;
        Assert.Equal("wal-foreign-system", (await stream.ReceiveAsync(Token))?.Code);

        // Neither after a restart, nor when only the store knows.
        using var after = stream.Killed();
        Assert.Equal("wal-foreign-system", (await after.ReceiveAsync(Token))?.Code);
    }

    [Fact]
    public async Task A_lost_spool_goes_on_where_the_archive_ends()
    {
        var wal = Make(kibibytes: 2500);
        var server = ServerOf(Make(kibibytes: 1300));
        var memory = new MemoryStore();
        var stream = new StreamSimulation(_folder, server, memory);
        await stream.ReceiveAsync(Token);
        await stream.Shipper.DrainAsync(Token);
        stream.Dispose();

        server.Add(wal);
        using var empty = new TemporaryFolder();
        using var after = new StreamSimulation(empty, server, memory);
        await after.ReceiveAsync(Token);
        await after.Shipper.DrainAsync(Token);

        Assert.Equal($"start 1 {new Lsn(2 * SegmentSizeBytes)}", server.Calls[^1]);
        await AssertArchivedAsync(after, wal);
    }

    [Fact]
    public async Task A_gap_is_a_problem_until_it_is_accepted()
    {
        var server = ServerOf(Make(kibibytes: 300));
        var stream = new StreamSimulation(_folder, server, new MemoryStore());
        await stream.ReceiveAsync(Token);
        await stream.Shipper.DrainAsync(Token);
        var later = new WalMaker(new Lsn(5 * SegmentSizeBytes));
        later.AddRecord(1000);
        server.Add(later);
        (server.Oldest, server.Slot) = (later.Start, new SlotState(later.Start, 1));

        Assert.Equal("wal-stream-gap", (await stream.ReceiveAsync(Token))?.Code);
        Assert.Equal("wal-stream-gap", (await stream.ReceiveAsync(Token))?.Code);
        stream.Dispose();

        using var accepting = new StreamSimulation(_folder, server, new MemoryStore(), acceptGap: true);
        Assert.Equal("wal-stream-gap", (await accepting.ReceiveAsync(Token))?.Code);
        Assert.Null(await accepting.ReceiveAsync(Token));
        await accepting.Shipper.DrainAsync(Token);
        Assert.Equal(later.Start, (await accepting.Archive().CoverageAsync(Token)).Timelines[0].Ranges[^1].Start);
        Assert.Contains(accepting.Told, t => t.Contains("take a base backup", StringComparison.Ordinal));
    }

    /// <summary>The WAL may be gone before the server has marked the slot: then it shows where the slot once stood.</summary>
    [Theory]
    [InlineData(true, "wal-slot-lost")]
    [InlineData(false, "wal-stream-gap")]
    public async Task A_lost_slot_is_a_problem_and_is_made_anew_when_that_is_accepted(bool isMarked, string code)
    {
        var server = ServerOf(Make(kibibytes: 300));
        var stream = new StreamSimulation(_folder, server, new MemoryStore());
        await stream.ReceiveAsync(Token);
        var later = new WalMaker(new Lsn(5 * SegmentSizeBytes));
        later.AddRecord(1000);
        server.Add(later);
        server.Oldest = later.Start;
        server.Slot = isMarked ? new SlotState(default, 0) : new SlotState(new Lsn(SegmentSizeBytes), 1);

        Assert.Equal(code, (await stream.ReceiveAsync(Token))?.Code);
        stream.Dispose();
        using var accepting = new StreamSimulation(_folder, server, new MemoryStore(), acceptGap: true);
        Assert.Equal(code, (await accepting.ReceiveAsync(Token))?.Code);
        Assert.Null(await accepting.ReceiveAsync(Token));
        Assert.Equal(
            ["drop slot", "create slot"],
            server.Calls.Where(c => c.EndsWith("slot", StringComparison.Ordinal)).TakeLast(2)
        );
    }

    [Fact]
    public async Task A_server_that_is_behind_is_not_followed()
    {
        var server = ServerOf(Make(kibibytes: 700));
        using var stream = new StreamSimulation(_folder, server, new MemoryStore());
        await stream.ReceiveAsync(Token);
        server.Add(Make(kibibytes: 300));

        Assert.Equal("wal-server-behind", (await stream.ReceiveAsync(Token))?.Code);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_it_is_durable()
    {
        var server = ServerOf(Make(kibibytes: 1500));
        using var stream = new StreamSimulation(_folder, server, new MemoryStore());
        server.OnStatus = position => Assert.Equal(stream.Spool.Position!.Durable, position.Durable);
        await stream.ReceiveAsync(Token);
        Assert.Equal(server.Timelines[1].Start + (ulong)server.Timelines[1].Bytes.Length, server.Acknowledged[1]);
    }

    private static async Task ReceiveAgainAsync(StreamSimulation stream)
    {
        if (await stream.ReceiveAsync(Token) is { } problem)
        {
            Assert.Equal("store-unreachable", problem.Code);
            Assert.Null(await stream.ReceiveAsync(Token));
        }
    }

    private static async Task TryShipAsync(StreamSimulation stream)
    {
        try
        {
            await stream.Shipper.DrainAsync(Token);
        }
        catch (ResurgamException e)
        {
            Assert.Equal("store-unreachable", e.Problem.Code);
        }
    }

    /// <summary>Reads every segment of a timeline back and compares it with what the server had.</summary>
    private static async Task AssertArchivedAsync(StreamSimulation stream, WalMaker wal)
    {
        var archive = stream.Archive();
        var bytes = wal.ToArray();
        for (var at = 0; at < bytes.Length; at += SegmentSizeBytes)
        {
            var number = (wal.Start.Value + (ulong)at) / SegmentSizeBytes;
            var read = await archive.ReadSegmentAsync(wal.Timeline, number, Token);
            Assert.NotNull(read);
            var length = Math.Min(SegmentSizeBytes, bytes.Length - at);
            Assert.Equal(wal.Start + (ulong)(at + length), read.RealEnd);
            Assert.True(bytes.AsSpan(at, length).SequenceEqual(read.Bytes.Span[..length]), $"segment {number} differs");
            Assert.False(read.Bytes.Span[length..].ContainsAnyExcept((byte)0));
        }
    }

    private static SimulatedServer ServerOf(WalMaker wal)
    {
        var server = new SimulatedServer(2) { Slot = new SlotState(wal.Start, wal.Timeline) };
        server.Add(wal);
        return server;
    }

    /// <summary>The same records for the same size, so that a longer one is a continuation of a shorter one.</summary>
    private static WalMaker Make(int kibibytes)
    {
        var random = new Random(4);
        var wal = new WalMaker(new Lsn(SegmentSizeBytes));
        for (var i = 0; wal.End - wal.Start < (ulong)kibibytes << 10; i++)
        {
            wal.AddRecord(random.Next(20) == 0 ? random.Next(30_000) : random.Next(500));
            wal.AddCommit((uint)i, Noon.AddMilliseconds(i));
        }
        return wal;
    }

    /// <summary>A timeline that is left in the middle of its second segment, and the one that branches off there.</summary>
    private static (WalMaker Old, WalMaker Next, Lsn SwitchAt) Promoted()
    {
        var old = new WalMaker(new Lsn(SegmentSizeBytes));
        var switchAt = old.AddRecord(1_300_000);
        // The new timeline's first file begins with a copy of the old one's.
        var next = new WalMaker(old.Start, timeline: 2);
        next.AddRecord(1_300_000);
        next.AddRecord(200_000);
        return (old, next.From(WalSegment.At(2, switchAt, SegmentSizeBytes).Start), switchAt);
    }

    private static void Promote(SimulatedServer server, WalMaker next, Lsn switchAt)
    {
        server.Add(next);
        server.Histories[2] = System.Text.Encoding.UTF8.GetBytes($"1\t{switchAt}\tno recovery target specified\n");
    }
}
