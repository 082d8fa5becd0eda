using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

public sealed class LedgerWriterTests
{
    private readonly LedgerWorld _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_entry_begins_the_ledger_and_introduces_the_machine()
    {
        var machine = _world.NewMachine("one");
        var entry = await _world.NewWriter(machine).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(0), Token);

        Assert.Equal((1L, "root@one", machine.Node.Key.Id), (entry.Seq, entry.Actor, entry.Key));
        Assert.Equal([EntryKind.LedgerBegun, EntryKind.KeyIntroduced], await KindsAsync(StreamName.Vault));
        Assert.Equal(
            [StreamName.Vault, LedgerWorld.Db],
            (await _world.Ledger.ListStreamsAsync(Token)).OrderDescending()
        );
        AssertWhole(await _world.VerifyAsync(Token, allSignatures: true));
    }

    [Fact]
    public async Task A_machine_that_lost_its_key_writes_on_with_a_new_one()
    {
        await _world.FillAsync(LedgerWorld.Db, 2, Token);

        var entry = await _world
            .NewWriter(_world.NewMachine("one"))
            .AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(2), Token);

        Assert.Equal(3, entry.Seq);
        AssertWhole(await _world.VerifyAsync(Token, allSignatures: true));
    }

    [Fact]
    public async Task Of_two_who_write_the_same_place_one_wins_and_the_other_follows_or_stops()
    {
        var one = await _world.FillAsync(LedgerWorld.Db, 3, Token);
        var two = _world.NewWriter(_world.NewMachine("two"));
        var head = await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token);

        var first = await one.TryAppendAfterAsync(head, LedgerWorld.Fact(4), Token);
        var stopped = await two.TryAppendAfterAsync(head, LedgerWorld.Fact(5), Token);
        var followed = await two.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(6), Token);

        Assert.Equal(4, first?.Seq);
        Assert.Null(stopped);
        Assert.Equal((5L, first?.Hash), (followed.Seq, followed.Previous));
        AssertWhole(await _world.VerifyAsync(Token, allSignatures: true));
    }

    [Fact]
    public async Task A_lost_answer_to_a_write_of_ours_is_recognised()
    {
        await _world.FillAsync(LedgerWorld.Db, 3, Token);
        FaultyStore store = new(
            _world.Store,
            (_, call) => call == $"put {LedgerWorld.KeyOf(LedgerWorld.Db, 4)}" ? StoreFault.Unheard : StoreFault.None
        );

        var entry = await _world
            .NewWriter(_world.NewMachine("two"), store)
            .AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(3), Token);

        Assert.Equal(4, entry.Seq);
        Assert.Equal(4, (await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token)).Seq);
    }

    [Fact]
    public async Task A_write_that_was_lost_is_a_failure_and_leaves_nothing()
    {
        await _world.FillAsync(LedgerWorld.Db, 3, Token);
        FaultyStore store = new(
            _world.Store,
            (_, call) => call == $"put {LedgerWorld.KeyOf(LedgerWorld.Db, 4)}" ? StoreFault.Lost : StoreFault.None
        );
        var writer = _world.NewWriter(_world.NewMachine("two"), store);

        await Assert.ThrowsAsync<ResurgamException>(() =>
            writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(3), Token)
        );

        Assert.Equal(3, (await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token)).Seq);
    }

    /// <summary>It sleeps with an old head in hand until its place is joined and deleted, and finds it free.</summary>
    [Fact]
    public async Task A_writer_that_slept_through_a_compaction_writes_nothing_into_the_past()
    {
        var sleeper = await _world.FillAsync(LedgerWorld.Db, 2, Token);
        var old = await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token);
        await _world.FillAsync(LedgerWorld.Db, 9, Token);
        await new LedgerCompaction(_world.Ledger).RunAsync(LedgerWorld.Db, Token);
        Assert.False(_world.Store.Objects.ContainsKey(LedgerWorld.KeyOf(LedgerWorld.Db, 3)));

        Assert.Null(await sleeper.TryAppendAfterAsync(old, LedgerWorld.Fact(99), Token));

        Assert.False(_world.Store.Objects.ContainsKey(LedgerWorld.KeyOf(LedgerWorld.Db, 3)));
        Assert.Equal(12, (await sleeper.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(99), Token)).Seq);
        AssertWhole(await _world.VerifyAsync(Token, allSignatures: true));
    }

    [Fact]
    public async Task An_anchor_is_written_once_a_day_and_names_all_heads()
    {
        var writer = await _world.FillAsync(LedgerWorld.Db, 3, Token);
        await writer.AppendAsync(LedgerWorld.Files, LedgerWorld.Fact(0), Token);
        Assert.False(await writer.AnchorAsync(Token));

        _world.Time.Advance(TimeSpan.FromDays(1));
        Assert.True(await writer.AnchorAsync(Token));
        Assert.False(await _world.NewWriter(_world.NewMachine("two")).AnchorAsync(Token));

        LedgerEntry? anchor = null;
        await foreach (var entry in _world.Ledger.ReadAsync(StreamName.Vault, 1, Token))
            anchor = entry.Kind == EntryKind.Anchor ? entry : anchor;
        Assert.NotNull(anchor);
        Assert.Equal([3L, 1L], KeyRing.HeadsIn(anchor).Select(head => head.Seq));
    }

    [Fact]
    public async Task A_withdrawn_machine_writes_no_more()
    {
        var machine = _world.NewMachine("stolen");
        var stolen = _world.NewWriter(machine);
        await stolen.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(0), Token);
        var other = _world.NewWriter(_world.NewMachine("other"));
        await other.WithdrawAsync(machine.Node.Key.Id.Value[..6], "it was stolen", Token);

        var e = await Assert.ThrowsAsync<ResurgamException>(() =>
            stolen.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(1), Token)
        );

        Assert.Equal("ledger-key-withdrawn", e.Problem.Code);
        await other.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(1), Token);
        AssertWhole(await _world.VerifyAsync(Token, allSignatures: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(31)]
    public async Task The_head_is_found_before_between_and_after_compactions(int count)
    {
        await _world.FillAsync(LedgerWorld.Db, count, Token);
        var head = await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token);
        Assert.Equal(count, head.Seq);

        await new LedgerCompaction(_world.Ledger).RunAsync(LedgerWorld.Db, Token);

        Assert.Equal(head, await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token));
        AssertWhole(await _world.VerifyAsync(Token, allSignatures: true));
    }

    [Fact]
    public async Task The_head_of_a_long_stream_is_found_in_a_few_looks()
    {
        MemoryStore tall = new();
        for (var seq = 1; seq <= 3000; seq++)
            tall.Overwrite(LedgerWorld.KeyOf(LedgerWorld.Db, seq), []);
        await _world.FillAsync(LedgerWorld.Db, 1, Token);
        FaultyStore counted = new(tall, (_, _) => StoreFault.None);

        await Assert.ThrowsAsync<ResurgamException>(() => // nothing stands in entry 3000
            _world.Open(counted).FindHeadAsync(LedgerWorld.Db, Token)
        );

        Assert.EndsWith("000000003000", counted.Calls[^1], StringComparison.Ordinal);
        Assert.InRange(counted.CallCount, 1, 30);
    }

    private async Task<List<string>> KindsAsync(StreamName stream)
    {
        List<string> kinds = [];
        await foreach (var entry in _world.Ledger.ReadAsync(stream, 1, Token))
            kinds.Add(entry.Kind);
        return kinds;
    }

    private static void AssertWhole(LedgerReport report) =>
        Assert.True(report.Passed, string.Join('\n', report.Findings));
}
