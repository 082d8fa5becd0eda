using Resurgam.Core.Ledgers;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary>The primary's ledger, told to a replica as it is written.</summary>
public sealed class LedgerPairTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly LedgerWorld _world = new();

    [Fact]
    public async Task A_replica_gets_each_entry_behind_the_one_before_it()
    {
        await _world.FillAsync(LedgerWorld.Db, 2, Token);
        var far = _world.CopyStore();
        var writer = _world.NewWriter(_world.NewMachine("two"), new LedgerPair(_world.Store, far));

        await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(10), Token);
        await writer.AppendAsync(LedgerWorld.Files, LedgerWorld.Fact(11), Token);

        Assert.Equal(_world.Store.Objects, far.Objects);
    }

    [Fact]
    public async Task A_fork_stays_one_and_the_replicas_branch_is_kept_when_it_is_settled()
    {
        await _world.FillAsync(LedgerWorld.Db, 2, Token);
        var far = _world.CopyStore();
        await _world.NewWriter(_world.NewMachine("far"), far).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(100), Token);
        await _world.NewWriter(_world.NewMachine("one")).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(200), Token);

        await _world
            .NewWriter(_world.NewMachine("two"), new LedgerPair(_world.Store, far))
            .AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(201), Token);

        Assert.False(far.Objects.ContainsKey(LedgerWorld.KeyOf(LedgerWorld.Db, 4)));
        var operating = _world.NewWriter(_world.NewMachine("operator"));
        var settled = await new LedgerSettlement(_world.Ledger, _world.Open(far), operating, "far", "a test").RunAsync(
            isDryRun: false,
            Token
        );
        Assert.Equal(1, Assert.Single(settled, stream => stream.Stream == LedgerWorld.Db).SetAside);
        Assert.Empty((await _world.VerifyAsync(Token)).Findings);
        Assert.Empty((await _world.VerifyAsync(far, [], Token)).Findings);
    }
}
