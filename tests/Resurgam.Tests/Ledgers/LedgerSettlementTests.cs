using System.Text;
using Resurgam.Core.Ledgers;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary>Two places of a vault that were written to apart: one ledger again, and nothing of either lost.</summary>
public sealed class LedgerSettlementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly LedgerWorld _world = new();

    [Theory]
    [InlineData(2)] // forks in the middle of single entries
    [InlineData(9)] // forks behind two segments, one of which the branch fills
    public async Task Both_places_have_one_chain_again_and_what_the_other_told_is_told_behind_it(int common)
    {
        var far = await ForkAsync(common);

        var streams = await SettleAsync(far);

        var db = Assert.Single(streams, stream => stream.Stream == LedgerWorld.Db);
        Assert.Equal((common, 1, 6, 6, null), (db.CommonSeq, db.Kept, db.SetAside, db.ToldAgain, db.Refused));
        await AssertOneAsync(far);
        var told = await BodiesAsync(_world.Ledger, LedgerWorld.Db);
        Assert.All(Enumerable.Range(100, 6), number => Assert.Single(told, body => Has(body, number)));
        Assert.Single(told, body => Has(body, 50)); // of the place that stayed
        Assert.EndsWith(told.Last(body => Has(body, 105)), told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lines_that_did_not_stay_are_kept_as_they_were()
    {
        var far = await ForkAsync(2);
        var lines = await LinesAsync(_world.Open(far), LedgerWorld.Db, 3);

        await SettleAsync(far);

        var kept = await BodiesAsync(_world.Ledger, StreamName.OfFork("far"));
        Assert.All(
            lines,
            line =>
                Assert.Single(
                    kept,
                    body =>
                        System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("line").GetString() + "\n"
                        == line
                )
        );
    }

    [Fact]
    public async Task A_machine_that_saw_the_branch_finds_nothing_wrong()
    {
        var far = await ForkAsync(2);
        var seen = new[]
        {
            await _world.Open(far).FindHeadAsync(LedgerWorld.Db, Token),
            await _world.Open(far).FindHeadAsync(StreamName.Vault, Token),
        };
        Assert.False((await _world.VerifyAsync(_world.Store, seen, Token)).Passed);

        await SettleAsync(far);

        Assert.Empty((await _world.VerifyAsync(_world.Store, seen, Token)).Findings);
    }

    [Fact]
    public async Task A_key_that_only_the_branch_introduced_counts_afterwards_and_one_that_it_withdrew_does_not()
    {
        var far = await ForkAsync(2);
        var writer = _world.NewWriter(_world.NewMachine("two"), far);
        await writer.AppendAsync(LedgerWorld.Files, LedgerWorld.Fact(7), Token); // goes on there, and is not forked
        var thief = _world.NewMachine("thief");
        await _world.NewWriter(thief, far).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(8), Token);
        await writer.WithdrawAsync(thief.Node.Key.Id.Value, "stolen", Token);

        await SettleAsync(far);

        var ring = new LedgerVerifier(_world.Ledger, 1, Core.Values.NoProgress.Instance);
        Assert.Empty((await ring.RunAsync(true, [], Token)).Findings);
        Assert.Equal("stolen", ring.Ring.Keys[thief.Node.Key.Id].Reason);
        Assert.NotNull(ring.Ring.Keys[thief.Node.Key.Id].WithdrawnAt);
        await CopyAsync(far);
        Assert.Empty((await _world.VerifyAsync(far, [], Token)).Findings); // what goes on there is signed with a key of the branch
    }

    [Fact]
    public async Task Broken_at_any_call_and_run_again_it_ends_as_if_it_had_not_been()
    {
        for (var broken = 0; ; broken++)
        {
            var far = await ForkAsync(2, branch: 2);
            var call = 0;
            var isBroken = false;
            StoreFault Next(int _, string what) =>
                call++ == broken && (isBroken = true) ? StoreFault.Unheard : StoreFault.None;
            FaultyStore here = new(_world.Store, Next);
            FaultyStore there = new(far, Next);
            var failed = await Record.ExceptionAsync(() => SettleAsync(here, there)) is Core.Problems.ResurgamException;

            if (failed)
                await SettleAsync(far);
            await CopyAsync(far);

            await AssertOneAsync(far);
            var told = await BodiesAsync(_world.Ledger, LedgerWorld.Db);
            Assert.All(Enumerable.Range(100, 2), number => Assert.Contains(told, body => Has(body, number)));
            if (!isBroken)
                return;
        }
    }

    [Theory]
    [InlineData("list ledger/asset.db/", 0)] // before the branch is listed
    [InlineData("delete ledger/", 0)] // while it goes: its last entry
    [InlineData("delete ledger/", 1)] // and the segment before that
    [InlineData("list ledger/asset.db/", 1)] // when it is gone: where the branch began
    [InlineData("put ledger/asset.db/", 0)]
    public async Task What_is_written_in_the_other_place_meanwhile_is_not_lost(string before, int skipped)
    {
        var far = await ForkAsync(2, branch: 3);
        var daemon = _world.NewWriter(_world.NewMachine("two"), far);
        var isWritten = false;
        FaultyStore there = new(
            far,
            (_, what) =>
            {
                if (!isWritten && what.StartsWith(before, StringComparison.Ordinal) && skipped-- == 0)
                {
                    isWritten = true;
                    daemon.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(777), Token).GetAwaiter().GetResult();
                }
                return StoreFault.None;
            }
        );

        var streams = await SettleAsync(_world.Store, there);
        if (streams.Any(stream => stream.Refused is not null))
            await SettleAsync(far);
        await CopyAsync(far);

        Assert.True(isWritten);
        await AssertOneAsync(far);
        Assert.Contains(await BodiesAsync(_world.Ledger, LedgerWorld.Db), body => Has(body, 777));
        Assert.Contains(
            await BodiesAsync(_world.Ledger, StreamName.OfFork("far")),
            body => body.Contains("777", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_store_that_keeps_its_entries_is_told_and_nothing_is_lost()
    {
        var far = await ForkAsync(2);

        var streams = await SettleAsync(_world.Store, new LockedStore(far));

        Assert.All(streams, stream => Assert.NotNull(stream.Refused));
        Assert.Empty((await _world.VerifyAsync(Token)).Findings);
        Assert.Empty((await _world.VerifyAsync(far, [], Token)).Findings);
    }

    /// <summary>Entries that both places have, then one in the vault's own and some in a replica, there by a new machine.</summary>
    /// <returns>The replica.</returns>
    private async Task<MemoryStore> ForkAsync(int common, int branch = 6)
    {
        foreach (var key in _world.Store.Objects.Keys.ToList())
            await _world.Store.DeleteAsync(key, Token);
        var one = await _world.FillAsync(LedgerWorld.Db, common, Token);
        var far = _world.CopyStore();
        await one.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(50), Token);
        _world.Time.Advance(TimeSpan.FromDays(1));
        await one.AnchorAsync(Token);
        var two = _world.NewWriter(_world.NewMachine("two"), far);
        for (var number = 100; number < 100 + branch; number++)
            await two.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(number), Token);
        await two.AnchorAsync(Token);
        await new LedgerCompaction(_world.Open(far)).RunAsync(LedgerWorld.Db, Token);
        return far;
    }

    private Task<IReadOnlyList<SettledFork>> SettleAsync(MemoryStore far) => SettleAsync(_world.Store, far);

    private Task<IReadOnlyList<SettledFork>> SettleAsync(Core.Vaults.IStore here, Core.Vaults.IStore there)
    {
        var writer = _world.NewWriter(_world.NewMachine("operator"), here);
        return new LedgerSettlement(writer.Ledger, _world.Open(there), writer, "far", "apart for an hour").RunAsync(
            isDryRun: false,
            Token
        );
    }

    /// <summary>What a copy brings.</summary>
    private async Task CopyAsync(MemoryStore far)
    {
        foreach (var (key, bytes) in _world.Store.Objects)
            await far.PutAsync(key, bytes, Token);
    }

    /// <summary>Each is whole, and of no stream that was forked they tell two things.</summary>
    private async Task AssertOneAsync(MemoryStore far)
    {
        Assert.Empty((await _world.VerifyAsync(_world.Store, [], Token, allSignatures: true)).Findings);
        Assert.DoesNotContain(
            await LedgerComparison.RunAsync(_world.Ledger, _world.Open(far), Token),
            comparison => comparison is StreamComparison.Fork
        );
        var (here, there) = (_world.Ledger, _world.Open(far));
        Assert.Equal(await here.FindHeadAsync(LedgerWorld.Db, Token), await there.FindHeadAsync(LedgerWorld.Db, Token));
    }

    private static bool Has(string body, int number) =>
        body.Contains($"\"number\":{number},", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<string>> BodiesAsync(Ledger ledger, StreamName stream)
    {
        List<string> bodies = [];
        await foreach (var entry in ledger.ReadAsync(stream, 1, Token))
            bodies.Add(Encoding.UTF8.GetString(entry.Body.Span));
        return bodies;
    }

    private static async Task<IReadOnlyList<string>> LinesAsync(Ledger ledger, StreamName stream, long from)
    {
        List<string> lines = [];
        await foreach (var entry in ledger.ReadAsync(stream, from, Token))
            lines.Add(Encoding.UTF8.GetString(entry.Line.Span));
        return lines;
    }
}
