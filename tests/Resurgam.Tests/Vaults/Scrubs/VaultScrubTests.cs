using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Scrubs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Scrubs;

public sealed class VaultScrubTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readings_of_every_day_read_every_object_within_the_period()
    {
        var world = await NewWorldAsync();
        HashSet<string> read = new(StringComparer.Ordinal);
        FaultyStore store = new(
            world.Store,
            (_, call) =>
            {
                read.Add(call[(call.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                return StoreFault.None;
            }
        );
        ScrubState? state = null;
        var objects = 0L;
        for (var day = 0; day < 10; day++)
        {
            state = await ScrubAsync(world, store, state);
            objects += state.Objects;
            Assert.True(state.Passed);
            Assert.InRange(state.Objects, 0, world.Store.Objects.Count / 2);
            world.Time.Advance(TimeSpan.FromDays(1));
        }
        Assert.Empty(
            world.Store.Objects.Keys.Where(key => !key.Contains("/locks/", StringComparison.Ordinal)).Except(read)
        );
        Assert.InRange(objects, world.Store.Objects.Count, world.Store.Objects.Count * 2);
        Assert.Equal((1, world.Time.GetUtcNow() - TimeSpan.FromDays(10)), (state?.Rounds, state?.AllReadSince));
    }

    [Fact]
    public async Task Every_damaged_object_is_named_until_it_is_whole_again()
    {
        var world = await NewWorldAsync();
        var whole = world.Store.Objects;
        var damaged = whole
            .Where(item => item.Value.Length > 0 && !item.Key.EndsWith("RESTORE.md", StringComparison.Ordinal))
            .Where(item => !item.Key.EndsWith("resurgam.key", StringComparison.Ordinal)) // nobody can tell of what it opens
            .Where(item => item.Key != "resurgam.json" && !item.Key.StartsWith("keys/", StringComparison.Ordinal))
            .ToList();
        foreach (var (key, bytes) in damaged)
        {
            byte[] broken = [.. bytes];
            broken[^1] ^= 1;
            world.Store.Overwrite(key, broken);
        }

        var first = await ScrubAsync(world, world.Store, last: null, isWhole: true);
        Assert.Empty(damaged.Select(item => item.Key).Except(first.Damaged.Select(damage => damage.Key)));
        Assert.False(first.Passed);

        world.Time.Advance(TimeSpan.FromHours(1));
        var second = await ScrubAsync(world, world.Store, first);
        Assert.Equal(first.DamagedCount, second.DamagedCount);
        Assert.All(second.Damaged, damage => Assert.Equal(first.ReadAt, damage.FoundAt));

        foreach (var (key, bytes) in damaged)
            world.Store.Overwrite(key, bytes);
        Assert.True((await ScrubAsync(world, world.Store, second)).Passed);
    }

    /// <summary>A put that the store acknowledged and lost: no listing has it.</summary>
    [Fact]
    public async Task What_was_acknowledged_and_lost_is_named_as_well()
    {
        var world = await NewWorldAsync();
        var pack = world.Store.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal));
        world.Store.Remove(pack);
        var state = await ScrubAsync(world, world.Store, last: null);
        Assert.Contains(
            state.Damaged,
            damage => damage.Key == pack && damage.How == "the index names it, and it is missing"
        );
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_damage_and_a_store_that_is_gone_is_none()
    {
        var world = await NewWorldAsync();
        var pack = world.Store.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal));
        FaultyStore badSector = new(
            world.Store,
            (_, call) => call == $"find {pack}" ? StoreFault.Lost : StoreFault.None
        );
        var state = await ScrubAsync(world, badSector, last: null, isWhole: true);
        Assert.Equal(pack, Assert.Single(state.Damaged).Key);

        for (var i = 0; i < 100; i++)
            world.Store.Overwrite($"other/{i}", [1]);
        var isGone = false;
        FaultyStore gone = new(
            world.Store,
            (_, call) =>
                (isGone |= call.StartsWith("find other/", StringComparison.Ordinal)) ? StoreFault.Lost : StoreFault.None
        );
        await Assert.ThrowsAsync<ResurgamException>(() => ScrubAsync(world, gone, last: null, isWhole: true));
    }

    /// <summary>Cut off after a while: what was kept is not read again, and the share stays due.</summary>
    [Fact]
    public async Task What_was_cut_off_goes_on_where_it_was_kept()
    {
        var world = await NewWorldAsync(manyEntries: 400);
        List<ScrubState> kept = [];
        SlowStore slow = new(world, TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            ScrubAsync(
                world,
                slow,
                last: null,
                isWhole: true,
                keep: state =>
                {
                    kept.Add(state);
                    throw new OperationCanceledException();
                }
            )
        );
        var cut = Assert.Single(kept);
        Assert.True(cut.RoundShare is > 0.2 and < 1, $"{cut.RoundShare}");
        Assert.Null(cut.AllReadSince);

        world.Time.Advance(TimeSpan.FromDays(20));
        var rest = await ScrubAsync(world, world.Store, cut);
        Assert.Equal(1, rest.Rounds);
    }

    [Fact]
    public async Task The_ledger_keeps_what_was_reached()
    {
        LedgerWorld world = new();
        Assert.Null(await ScrubState.FindAsync(world.Ledger, "far", Token));
        ScrubState state = new()
        {
            Place = "far",
            Passed = false,
            Cursor = "8000000000000000",
            Rounds = 3,
            RoundBeganAt = world.Time.GetUtcNow(),
            AllReadSince = null,
            ReadAt = world.Time.GetUtcNow(),
            Objects = 5,
            Bytes = 7,
            PeriodSeconds = 60,
            Damaged = [new ScrubDamage("a/b", "it is shorter than a seal", world.Time.GetUtcNow())],
            DamagedCount = 1,
        };
        var writer = world.NewWriter(world.NewMachine("one"));
        await writer.AppendAsync(StreamName.OfScrub("far"), state.ToFact(), Token);
        await writer.AppendAsync(
            StreamName.OfScrub("far"),
            LedgerFact.Of(EntryKind.Scrub + EntryKind.FailedEnding, "{}"u8.ToArray()),
            Token
        );

        var found = await ScrubState.FindAsync(world.Ledger, "far", Token);

        Assert.Equal(state with { Damaged = [] }, found is null ? null : found with { Damaged = [] });
        Assert.Equal(state.Damaged, found?.Damaged);
        Assert.Equal(0.5, found?.RoundShare);
    }

    private static async Task<VaultWorld> NewWorldAsync(int manyEntries = 0)
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        for (var version = 1; version <= 4; version++)
            await world.CaptureAsync(world.Store, VaultWorld.Content(version), Token);
        for (var i = 0; i < manyEntries; i++)
            world.Store.Overwrite($"other/{i}", [1]);
        return world;
    }

    private static async Task<ScrubState> ScrubAsync(
        VaultWorld world,
        IStore store,
        ScrubState? last,
        bool isWhole = false,
        Action<ScrubState>? keep = null
    )
    {
        using var vault = await world.OpenAsync(store, Token);
        ScrubSettings settings = new()
        {
            Place = "primary",
            Period = TimeSpan.FromDays(10),
            IsWhole = isWhole,
        };
        using VaultScrub scrub = new(
            vault,
            settings,
            state =>
            {
                keep?.Invoke(state);
                return Task.CompletedTask;
            },
            NoProgress.Instance
        );
        return await scrub.RunAsync(last, Token);
    }

    /// <summary>Time passes with each object that is read whole.</summary>
    private sealed class SlowStore(VaultWorld world, TimeSpan each) : PassingStore(world.Store)
    {
        public override Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
        {
            world.Time.Advance(each);
            return base.FindAsync(key, cancellationToken);
        }
    }
}
