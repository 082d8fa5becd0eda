using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Replicas;

public sealed class ReplicaCopyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_is_the_primary_byte_for_byte_without_locks_and_restores()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        world.Primary.Overwrite(ReplicaWorld.Generation + "locks/ab", [1]);
        MemoryStore replica = new();

        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        var expected = world.Primary.Objects;
        expected.Remove(ReplicaWorld.Generation + "locks/ab");
        Assert.Equal(expected, replica.Objects);
        Assert.Equal(expected.Count, result.Objects);
        Assert.Equal(expected.Sum(item => item.Value.Length), result.Bytes);
        Assert.Empty(result.Findings);
        using var vault = await world.Vault.OpenAsync(replica, Token);
        var snapshot = await vault.GetSnapshotAsync("latest", null, Token);
        Assert.Equal(VaultWorld.Content(2), await world.Vault.RestoreAsync(snapshot, Token));
    }

    [Fact]
    public async Task A_second_copy_brings_what_is_new_and_nothing_else()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        Assert.Equal(0, (await ReplicaWorld.CopyAsync(world.Primary, replica, Token)).Objects);
        var before = world.Primary.Objects.Count;
        await world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(3), Token);

        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        Assert.Equal(world.Primary.Objects.Count - before, result.Objects);
        Assert.Equal(world.Primary.Objects, replica.Objects);
    }

    [Fact]
    public async Task The_ledgers_word_of_copies_is_counted_apart_and_comes_to_no_place_before_its_vault()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        await world.TellAsync(world.Primary, StreamName.OfPlace("far", null), 1, Token);
        MemoryStore replica = new();
        ReplicaCopy copy = new(world.Primary, replica, new(), NoProgress.Instance);
        await copy.BringLedgerAsync(Token);
        Assert.Empty(replica.Objects);
        Assert.Equal(2, (await copy.RunAsync(Token)).PlaceEntries); // its tag, too

        await world.TellAsync(world.Primary, StreamName.OfPlace("far", null), 3, Token);
        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        Assert.Equal((4, 3), (result.Objects, result.PlaceEntries)); // and the key of who tells, in the vault's own stream
        await world.TellAsync(world.Primary, "db", 1, Token);
        result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        Assert.Equal((true, 0), (result.Objects > 0, result.PlaceEntries));
    }

    [Fact]
    public void Places_that_are_apart_tell_of_one_place_in_streams_of_their_own()
    {
        Assert.Equal("place.far", StreamName.OfPlace("far", null).Value);
        Assert.Equal("place.far-from-site", StreamName.OfPlace("far", "site").Value);
        Assert.True(StreamName.OfPlace(new string('a', 40), new string('b', 40)).IsOfPlace);
        Assert.False(StreamName.OfAsset("place").IsOfPlace);
    }

    [Theory]
    [InlineData(StoreFault.Lost, false)]
    [InlineData(StoreFault.Unheard, false)]
    [InlineData(StoreFault.Lost, true)]
    [InlineData(StoreFault.Unheard, true)]
    public async Task A_copy_broken_at_any_call_leaves_nothing_false_and_the_next_ends_it(StoreFault fault, bool isKill)
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        for (var breakAt = 1; ; breakAt++)
        {
            MemoryStore replica = new();
            var broken = isKill
                ? FaultyStore.FailingFrom(replica, breakAt, fault)
                : FaultyStore.FailingAt(replica, breakAt, fault);
            try
            {
                await ReplicaWorld.CopyAsync(world.Primary, broken, Token);
            }
            catch (ResurgamException e) when (e.Problem.Code == "store-unreachable")
            {
                // As told.
            }

            await AssertNothingFalseAsync(world, replica, $"call {breakAt}");
            var rest = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
            Assert.Empty(rest.Findings);
            Assert.Equal(world.Primary.Objects, replica.Objects);
            if (breakAt > broken.CallCount)
                break;
        }
    }

    /// <summary>A backup in the middle of the copy, at each of its calls: what arrives of it is whole or not listed.</summary>
    [Fact]
    public async Task What_is_written_during_a_copy_is_never_half_there()
    {
        for (var at = 1; ; at++)
        {
            var world = await ReplicaWorld.CreateAsync(Token, seed: at);
            var capture = Task.CompletedTask;
            FaultyStore watched = new(
                world.Primary,
                (call, _) =>
                {
                    if (call == at)
                        capture = world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(7), Token);
                    return StoreFault.None;
                }
            );
            MemoryStore replica = new();

            await ReplicaWorld.CopyAsync(watched, replica, Token, new() { Workers = 1 });

            await capture;
            await AssertNothingFalseAsync(world, replica, $"call {at}");
            if (at > watched.CallCount)
                break;
        }
    }

    [Fact]
    public async Task Two_copies_at_once_are_no_harm()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();

        var results = await Task.WhenAll(
            Enumerable
                .Range(0, 3)
                .Select(_ => Task.Run(() => ReplicaWorld.CopyAsync(world.Primary, replica, Token), Token))
        );

        Assert.All(results, result => Assert.Empty(result.Findings));
        Assert.Equal(world.Primary.Objects.Count, results.Sum(result => result.Objects));
        Assert.Equal(world.Primary.Objects, replica.Objects);
    }

    [Fact]
    public async Task What_is_damaged_in_the_source_is_named_and_stays_there()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        var pack = world.Primary.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal));
        Flip(world.Primary, pack);
        MemoryStore replica = new();

        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        var finding = Assert.Single(result.Findings);
        Assert.Equal((ReplicaFault.DamagedInSource, pack), (finding.Fault, finding.Key));
        Assert.False(replica.Objects.ContainsKey(pack));
        Assert.Equal(world.Primary.Objects.Count - 1, replica.Objects.Count);
    }

    [Fact]
    public async Task A_replica_that_was_tampered_with_is_named_when_read_back_and_never_overwritten()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        string[] changed =
        [
            world.Primary.Objects.Keys.First(key => key.Contains("/data/", StringComparison.Ordinal)),
            ReplicaWorld.WalFolder + "0000000001000000-00000100",
            "ledger/asset.db/000000000001",
        ];
        foreach (var key in changed)
            Flip(replica, key);
        var cut = world.Primary.Objects.Keys.Last(key => key.Contains("/data/", StringComparison.Ordinal));
        replica.Overwrite(cut, replica.Objects[cut][..^1]);
        var before = replica.Objects;

        var quick = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        var slow = await ReplicaWorld.CopyAsync(world.Primary, replica, Token, new() { ReadsBack = true });

        Assert.Equal([(ReplicaFault.DamagedInTarget, cut)], quick.Findings.Select(f => (f.Fault, f.Key)));
        Assert.Equal(
            changed.Append(cut).Order(StringComparer.Ordinal),
            slow.Findings.Select(finding => finding.Key).Distinct()
        );
        Assert.Equal(before, replica.Objects);
    }

    [Fact]
    public async Task A_stream_that_grew_in_both_places_is_called_a_fork_and_the_rest_is_copied()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        await world.TellAsync(world.Primary, "db", 2, Token);
        await world.TellAsync(replica, "db", 3, Token);
        await world.TellAsync(replica, "other", 1, Token);
        var theirs = replica.Objects;

        var there = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        var back = await ReplicaWorld.CopyAsync(replica, world.Primary, Token);

        foreach (var result in (ReplicaCopyResult[])[there, back])
        {
            Assert.Contains(result.Findings, finding => finding is { Fault: ReplicaFault.Forked, Key: "asset.db" });
            Assert.Contains(
                "from entry 4",
                result.Findings.First(f => f.Key == "asset.db").How,
                StringComparison.Ordinal
            );
        }
        Assert.All(theirs, item => Assert.Equal(item.Value, replica.Objects[item.Key]));
        Assert.True(world.Primary.Objects.ContainsKey("ledger/asset.other/000000000001"));
    }

    [Fact]
    public async Task What_a_replica_got_in_a_recovery_comes_back()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        world.Vault.Time.Advance(TimeSpan.FromDays(30)); // a new generation
        var files = VaultWorld.Content(9);
        await world.Vault.CaptureAsync(replica, files, Token);
        await world.TellAsync(replica, "db", 2, Token);

        var result = await ReplicaWorld.CopyAsync(replica, world.Primary, Token);

        Assert.Empty(result.Findings);
        Assert.Equal(replica.Objects, world.Primary.Objects);
        using var vault = await world.Vault.OpenAsync(world.Primary, Token);
        Assert.Equal(files, await world.Vault.RestoreAsync(await vault.GetSnapshotAsync("latest", null, Token), Token));
    }

    /// <summary>The next backup makes another one; and the vault may know the generation already, for it has listed its snapshots.</summary>
    [Fact]
    public async Task A_month_whose_config_was_lost_goes_on_here_and_in_its_replica()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        var config = ReplicaWorld.Generation + "config";
        world.Primary.Remove(config);

        using (var vault = await world.Vault.OpenAsync(world.Primary, Token))
        {
            Assert.NotEmpty(await vault.ListSnapshotsAsync(null, Token));
            await vault.OpenCurrentGenerationAsync(Token);
        }
        await world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(3), Token);
        ReplicaCopy copy = new(world.Primary, replica, new() { ReadsBack = true }, NoProgress.Instance);
        var result = await copy.RunAsync(Token);

        Assert.NotEqual(world.Primary.Objects[config], replica.Objects[config]);
        Assert.Empty(result.Findings);
        using var copied = await world.Vault.OpenAsync(replica, Token);
        var latest = await copied.GetSnapshotAsync("latest", null, Token);
        Assert.Equal(VaultWorld.Content(3), await world.Vault.RestoreAsync(latest, Token));
    }

    [Fact]
    public async Task A_month_that_both_places_began_by_themselves_is_not_mixed()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        world.Vault.Time.Advance(TimeSpan.FromDays(30));
        await world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(3), Token);
        await world.Vault.CaptureAsync(replica, VaultWorld.Content(4), Token);
        var before = replica.Objects;

        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        Assert.Contains(
            result.Findings,
            finding => finding is { Fault: ReplicaFault.OtherGeneration, Key: "generations/2026-12" }
        );
        Assert.Equal(before, replica.Objects);
    }

    [Fact]
    public async Task Merged_wal_goes_from_the_replica_once_its_merger_is_there()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        await world.Primary.DeleteAsync(ReplicaWorld.WalFolder + "0000000001000000-00000100", Token);
        await world.Primary.DeleteAsync(ReplicaWorld.WalFolder + "0000000001000100-00000100", Token);
        await world.Primary.PutAsync(ReplicaWorld.WalFolder + "0000000001000000-00100000", new byte[9], Token);
        var unmerged = ReplicaWorld.CopyOf(replica);

        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        var back = await ReplicaWorld.CopyAsync(unmerged, world.Primary, Token);

        Assert.Equal((1, 2), (result.Objects, result.RemovedObjects));
        Assert.Equal(world.Primary.Objects, replica.Objects);
        Assert.Equal(0, back.Objects); // what the primary merged does not come back
    }

    [Fact]
    public async Task Nothing_goes_from_the_replica_that_the_ledger_does_not_call_expired()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        world.Vault.Time.Advance(TimeSpan.FromDays(30));
        await world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(3), Token);
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        var before = replica.Objects;
        foreach (var key in world.Primary.Objects.Keys.Where(IsOld))
            await world.Primary.DeleteAsync(key, Token);

        var untold = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        Assert.Equal((ReplicaFault.LostInSource, "generations/2026-11"), FirstOf(untold));
        Assert.Equal(before, replica.Objects);

        var told = await ReplicaWorld.CopyAsync(
            world.Primary,
            replica,
            Token,
            new() { FindExpired = _ => Task.FromResult<ExpiryAnswer?>(new(new HashSet<string> { "2026-11" }, [])) }
        );

        Assert.Equal(["2026-11"], told.ExpiredGenerations);
        Assert.Empty(told.Findings);
        Assert.Equal(world.Primary.Objects, replica.Objects);

        static bool IsOld(string key) => key.StartsWith(ReplicaWorld.Generation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_holds_something_else_is_refused()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore occupied = new();
        occupied.Overwrite("config", [1]);
        var other = await ReplicaWorld.CreateAsync(Token, seed: 2);

        await FailsAsync("replica-not-empty-refused", world.Primary, occupied);
        await FailsAsync("replica-other-vault", world.Primary, other.Primary);
        await FailsAsync("vault-absent", new MemoryStore(), new MemoryStore());
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_tells_what_would_come()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();

        var dry = await ReplicaWorld.CopyAsync(world.Primary, replica, Token, new() { IsDryRun = true });

        Assert.Empty(replica.Objects);
        Assert.Equal(world.Primary.Objects.Count, dry.Objects);
        Assert.Equal((await ReplicaWorld.CopyAsync(world.Primary, replica, Token)).Bytes, dry.Bytes);
    }

    [Fact]
    public async Task A_replica_lags_by_the_age_of_the_oldest_object_that_it_lacks()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore primary = new(world.Vault.Time);
        MemoryStore replica = new(world.Vault.Time);
        await ReplicaWorld.CopyAsync(world.Primary, primary, Token);
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        await primary.PutAsync(ReplicaWorld.WalFolder + "0000000001000200-00000100", new byte[10], Token);
        world.Vault.Time.Advance(TimeSpan.FromSeconds(30));
        await primary.PutAsync(ReplicaWorld.WalFolder + "0000000001000300-00000100", new byte[10], Token);
        world.Vault.Time.Advance(TimeSpan.FromSeconds(12));

        var lag = (await ReplicaComparison.RunAsync(primary, replica, Token)).LagAt(world.Vault.Time.GetUtcNow());

        Assert.Equal(new ReplicaLag(2, 20, TimeSpan.FromSeconds(42)), lag);
        Assert.True(
            (await ReplicaComparison.RunAsync(replica, primary, Token)).LagAt(world.Vault.Time.GetUtcNow()).IsNone
        );
    }

    private static (ReplicaFault, string) FirstOf(ReplicaCopyResult result) =>
        (result.Findings[0].Fault, result.Findings[0].Key);

    /// <summary>If it opens at all, all that is listed restores, and nothing is called damaged.</summary>
    private static async Task AssertNothingFalseAsync(ReplicaWorld world, MemoryStore replica, string where)
    {
        if (!replica.Objects.ContainsKey(VaultDescriptor.Key))
            return;
        var check = await world.Vault.CheckAsync(replica, Token);
        Assert.True(check.Damage.Count == 0, $"{where}: {string.Join("; ", check.Damage)}");
    }

    private static void Flip(MemoryStore store, string key)
    {
        var bytes = store.Objects[key];
        bytes[^1] ^= 1;
        store.Overwrite(key, bytes);
    }

    private static async Task FailsAsync(string code, IStore from, IStore to)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => ReplicaWorld.CopyAsync(from, to, Token));
        Assert.Equal(code, failure.Problem.Code);
    }
}
