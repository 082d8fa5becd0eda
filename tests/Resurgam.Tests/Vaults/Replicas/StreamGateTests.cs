using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Replicas;

/// <summary>What a replica's store holds goes into the primary's ledger only where it goes on there.</summary>
public sealed class StreamGateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly LedgerWorld _world = new();

    [Theory]
    [InlineData("garbage")]
    [InlineData("another stream")]
    [InlineData("an older entry")]
    [InlineData("another past")]
    public async Task Bytes_that_do_not_go_on_where_the_primary_ends_stay_where_they_are(string what)
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        var far = ReplicaWorld.CopyOf(world.Primary);
        var apart = ReplicaWorld.CopyOf(world.Primary);
        await world.TellAsync(world.Primary, "db", 1, Token);
        await world.TellAsync(apart, "db", 2, Token);
        var next = LedgerWorld.KeyOf(LedgerWorld.Db, 4);
        far.Overwrite(next, world.Primary.Objects[next]);
        var bad = LedgerWorld.KeyOf(LedgerWorld.Db, 5);
        far.Overwrite(
            bad,
            what switch
            {
                "garbage" => [1, 2, 3],
                "another stream" => far.Objects[LedgerWorld.KeyOf(LedgerWorld.Files, 1)],
                "an older entry" => far.Objects[LedgerWorld.KeyOf(LedgerWorld.Db, 3)],
                _ => apart.Objects[bad],
            }
        );
        far.Overwrite(LedgerWorld.KeyOf(LedgerWorld.Db, 6), [4, 5, 6]);
        far.Overwrite("ledger/nothing of ours", [7]);
        await world.TellAsync(far, "other", 1, Token); // as it should be
        var before = world.Primary.Objects;

        var findings = await BringAsync(world, far);

        Assert.Contains(findings, finding => finding is { Fault: ReplicaFault.DamagedInSource } && finding.Key == bad);
        Assert.Equal(
            ["ledger/asset.other/000000000001", "ledger/streams/asset.other"],
            world
                .Primary.Objects.Keys.Except(before.Keys)
                .Where(key => !key.Contains("vault", StringComparison.Ordinal))
        );
        await world.TellAsync(world.Primary, "db", 1, Token); // can be gone on with
    }

    [Fact]
    public async Task A_ledger_that_is_hurt_in_the_primary_keeps_no_other_stream_from_coming()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        var far = ReplicaWorld.CopyOf(world.Primary);
        await world.TellAsync(far, "db", 1, Token);
        await world.TellAsync(far, "files", 1, Token);
        world.Primary.Overwrite(
            LedgerWorld.KeyOf(LedgerWorld.Db, 3),
            far.Objects[LedgerWorld.KeyOf(LedgerWorld.Db, 2)]
        );
        far.Overwrite(LedgerWorld.KeyOf(LedgerWorld.Db, 3), far.Objects[LedgerWorld.KeyOf(LedgerWorld.Db, 2)]);

        var findings = await BringAsync(world, far);

        Assert.Contains(findings, finding => finding.Fault == ReplicaFault.DamagedInTarget);
        Assert.True(world.Primary.Objects.ContainsKey(LedgerWorld.KeyOf(LedgerWorld.Files, 2)));
    }

    [Theory]
    [InlineData(3)] // the segment goes on behind them
    [InlineData(4)]
    [InlineData(6)] // they go on behind the segment
    public async Task A_segment_goes_in_only_with_the_entries_that_are_there(int there)
    {
        await _world.FillAsync(LedgerWorld.Db, 2, Token);
        var far = _world.CopyStore();
        var other = _world.CopyStore();
        await FillAsync(_world.Store, 4);
        await FillAsync(far, 4);
        foreach (
            var key in _world.Store.Objects.Keys.Where(key =>
                key.StartsWith("ledger/asset.db", StringComparison.Ordinal)
            )
        )
            other.Overwrite(key, _world.Store.Objects[key]);
        await new LedgerCompaction(_world.Open(far)).RunAsync(LedgerWorld.Db, Token);
        await new LedgerCompaction(_world.Open(other)).RunAsync(LedgerWorld.Db, Token);
        var segment = $"ledger/segments/{LedgerWorld.Db}/000000000001";
        for (var seq = there + 1; seq <= 6; seq++)
            _world.Store.Remove(LedgerWorld.KeyOf(LedgerWorld.Db, seq));

        Assert.NotNull(await FaultAsync(far.Objects[segment]));
        Assert.Null(await FaultAsync(other.Objects[segment]));

        async Task<string?> FaultAsync(byte[] bytes)
        {
            var gate = await StreamGate.OpenAsync(_world.Ledger, LedgerWorld.Db, Token);
            return await gate.FindFaultAsync(segment, bytes, Token);
        }
    }

    [Fact]
    public async Task All_of_a_stream_goes_in_in_its_order_segments_and_what_is_left_of_them()
    {
        await _world.FillAsync(LedgerWorld.Db, 10, Token);
        var singles = _world.CopyStore();
        await new LedgerCompaction(_world.Ledger).RunAsync(LedgerWorld.Db, Token);
        MemoryStore target = new();
        var gate = await StreamGate.OpenAsync(_world.Open(target), LedgerWorld.Db, Token);

        foreach (var first in (int[])[1, 5])
        {
            await PassAsync($"ledger/segments/{LedgerWorld.Db}/{first:D12}", _world.Store);
            await PassAsync(LedgerWorld.KeyOf(LedgerWorld.Db, first + 1), singles);
        }
        await PassAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 9), singles);
        await PassAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 10), singles);

        async Task PassAsync(string key, MemoryStore from)
        {
            Assert.Null(await gate.FindFaultAsync(key, from.Objects[key], Token));
            await target.PutAsync(key, from.Objects[key], Token);
        }
    }

    private async Task FillAsync(MemoryStore store, int count)
    {
        var writer = _world.NewWriter(_world.NewMachine("one"), store);
        for (var i = 0; i < count; i++)
            await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(i), Token);
        _world.Time.Advance(TimeSpan.FromMinutes(1));
    }

    private static async Task<IReadOnlyList<ReplicaFinding>> BringAsync(ReplicaWorld world, MemoryStore far)
    {
        using var vault = await world.Vault.OpenAsync(far, Token);
        ReplicaCopySettings settings = new() { OpenLedger = vault.OpenLedger };
        return await new ReplicaCopy(far, world.Primary, settings, NoProgress.Instance).BringLedgerAsync(Token);
    }
}
