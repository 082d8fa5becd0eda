using System.Text;
using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Core.Vaults.Scrubs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Expiry;

/// <summary>Destroys a generation while one store call after the other fails.</summary>
public sealed class VaultExpiryTests
{
    private const string Old = "2026-11";
    private const string Mark = $"generations/{Old}/expired";

    private static readonly ExpiryRules Rules = new() { PointInTime = TimeSpan.Zero, VerifiedCopies = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_generation_goes_with_its_keys_and_the_ledger_proves_what_it_was()
    {
        var world = await NewWorldAsync();
        var before = world.Store.Objects;
        var snapshots = await SnapshotsAsync(world);
        var result = await ExpireAsync(world, world.Store);

        Assert.Equal([Mark], Left(world));
        using var vault = await world.OpenAsync(world.Store, Token);
        Assert.Equal(["2026-12"], await vault.ListGenerationsAsync(Token));
        var entries = await EntriesAsync(vault);
        var proof = Encoding.UTF8.GetString(
            entries.Single(entry => entry.Kind == EntryKind.GenerationExpired).Body.Span
        );
        Assert.StartsWith(
            $"{{\"generation\":\"{Old}\",\"objects\":{before.Keys.Count(IsOld)},",
            proof,
            StringComparison.Ordinal
        );
        Assert.Contains(snapshots[0].Id.Hex, proof, StringComparison.Ordinal);
        Assert.Contains("\"rules\":{\"pointInTimeSeconds\":0,", proof, StringComparison.Ordinal);
        Assert.All(
            before.Keys.Where(key => key.StartsWith($"generations/{Old}/keys/", StringComparison.Ordinal)),
            key => Assert.Contains(key[^64..], proof, StringComparison.Ordinal)
        );
        Assert.Equal(EntryKind.GenerationDeleted, entries[^1].Kind);
        Assert.Equal(new ExpiryOutcome(Old, before.Keys.Count(IsOld), 0, null, 0), Assert.Single(result.Outcomes));
        Assert.Equal(snapshots[1].Id, Assert.Single(await SnapshotsAsync(world)).Id);
        Assert.Contains(Old, await ExpiredGenerations.ReadAsync(vault.OpenLedger(), Token));

        var again = await ExpireAsync(world, world.Store);
        Assert.Empty(again.Outcomes);
        Assert.Equal(entries.Count, (await EntriesAsync(vault)).Count);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var world = await NewWorldAsync();
        var before = world.Store.Objects;
        using var vault = await world.OpenAsync(world.Store, Token);
        var result = await new VaultExpiry(vault, Rules, NoProgress.Instance).RunAsync([], writer: null, Token);
        Assert.Equal(
            [Old],
            result.Verdicts.Where(verdict => verdict.Expires).Select(verdict => verdict.Generation.Name)
        );
        Assert.Equal(before, world.Store.Objects);
    }

    /// <summary>What fails before the first write is no more than a command that failed; from there on every call does.</summary>
    [Theory]
    [InlineData(StoreFault.Unheard, false)]
    [InlineData(StoreFault.Lost, true)]
    public async Task Broken_at_any_call_it_is_whole_or_gone_and_the_next_run_finishes(StoreFault fault, bool isKill)
    {
        var before = (await NewWorldAsync()).Store.Objects;
        var whole = FaultyStore.FailingAt(NewWorldOf(before, seed: 1).Store, call: 0, StoreFault.None);
        await ExpireAsync(NewWorldOf(before, seed: 1), whole);
        var firstWrite =
            whole.Calls.Index().First(call => call.Item.StartsWith("put ", StringComparison.Ordinal)).Index + 1;
        for (var breakAt = firstWrite; ; breakAt++)
        {
            var world = NewWorldOf(before, seed: breakAt);
            var broken = isKill
                ? FaultyStore.FailingFrom(world.Store, breakAt, fault)
                : FaultyStore.FailingAt(world.Store, breakAt, fault);
            await FailsAsync(() => ExpireAsync(world, broken));
            var where = $"call {breakAt}, {(breakAt <= broken.CallCount ? broken.Calls[breakAt - 1] : "none")}";

            var left = await SnapshotsAsync(world);
            Assert.True(left.Count is 1 or 2, where);
            if (left.Count == 2)
                Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(left[0], Token));
            Assert.Equal(VaultWorld.Content(2), await world.RestoreAsync(left[^1], Token));
            using var vault = await world.OpenAsync(world.Store, Token);
            var check = await new VaultCheck(vault, NoProgress.Instance).RunAsync(readData: false, Token);
            Assert.True(check.Damage.Count == 0, $"{where}: {string.Join("; ", check.Damage)}");

            await ExpireAsync(world, world.Store);
            Assert.True(Left(world) is [Mark], where);
            var entries = await EntriesAsync(vault);
            Assert.True(entries.Count(entry => entry.Kind == EntryKind.GenerationExpired) == 1, where);
            Assert.True(entries.Any(entry => entry.Kind == EntryKind.GenerationDeleted), where);
            if (breakAt > broken.CallCount)
                break;
        }
    }

    /// <summary>Between the decision and its first word in the ledger somebody adds a hold.</summary>
    [Fact]
    public async Task A_hold_that_was_acknowledged_is_never_overtaken()
    {
        var world = await NewWorldAsync();
        using var other = await world.OpenAsync(world.Store, Token);
        var otherWriter = NewWriter(world, other);
        await otherWriter.AppendAsync(StreamName.Vault, Fact("noted", "{}"), Token);
        var isAdded = false;
        HoldingStore store = new(
            world.Store,
            async () =>
            {
                if (isAdded)
                    return;
                isAdded = true;
                var hold = Fact(EntryKind.HoldAdded, "{\"id\":\"a\",\"reason\":\"case 7\"}");
                await otherWriter.AppendAsync(StreamName.Vault, hold, Token);
            }
        );

        var result = await ExpireAsync(world, store);

        Assert.True(isAdded);
        Assert.Contains("legal hold a: case 7", result.Verdicts[0].Reasons);
        Assert.Equal(2, (await SnapshotsAsync(world)).Count);
    }

    [Fact]
    public async Task What_the_store_does_not_let_go_is_counted_and_goes_when_it_does()
    {
        var world = await NewWorldAsync();
        var result = await ExpireAsync(world, new LockedStore(world.Store));

        var outcome = Assert.Single(result.Outcomes);
        Assert.Equal((0, Left(world).Count - 1), (outcome.Deleted, outcome.Left));
        Assert.True(outcome.KeysLeft > 1);
        Assert.Contains("it is locked", outcome.LeftReason, StringComparison.Ordinal);
        using (var vault = await world.OpenAsync(world.Store, Token))
        {
            Assert.Equal(["2026-12"], await vault.ListGenerationsAsync(Token));
            var told = (await EntriesAsync(vault)).Count;
            await ExpireAsync(world, new LockedStore(world.Store));
            Assert.Equal(told, (await EntriesAsync(vault)).Count); // nothing new to tell
        }
        await ExpireAsync(world, world.Store); // the lock has run out
        Assert.Equal([Mark], Left(world));
    }

    /// <summary>A deleted key that the store still has as a version opens everything that is left.</summary>
    [Fact]
    public async Task Versions_that_the_store_kept_go_as_well()
    {
        var world = await NewWorldAsync();
        VersionedStore store = new(world.Store);
        store.Versions.Add(new StoreVersion($"generations/{Old}/config", "1"));
        store.Versions.Add(new StoreVersion($"generations/{Old}/resurgam.key", "2"));
        store.Versions.Add(new StoreVersion($"generations/{Old}/resurgam.key", "3"));
        store.Versions.Add(new StoreVersion(Mark, "4"));
        store.Versions.Add(new StoreVersion("generations/2026-12/config", "5"));

        await ExpireAsync(world, store);

        Assert.Equal(["4", "5"], store.Versions.Select(version => version.Id));
        Assert.Equal(["2", "3", "1"], store.Deleted);
    }

    [Fact]
    public async Task A_mark_that_is_not_of_this_vault_destroys_and_hides_nothing()
    {
        var world = await NewWorldAsync();
        world.Store.Overwrite(Mark, new byte[100]);
        using var vault = await world.OpenAsync(world.Store, Token);
        Assert.Equal([Old, "2026-12"], await vault.ListGenerationsAsync(Token));
        var result = await new VaultExpiry(vault, Rules, NoProgress.Instance).RunAsync([], writer: null, Token);
        Assert.Empty(result.Unfinished);
    }

    /// <summary>The whole of it: replicas let go what the primary let go, and bring none of it back.</summary>
    [Fact]
    public async Task Replicas_follow_and_bring_nothing_back()
    {
        var world = await NewWorldAsync();
        MemoryStore replica = new();
        await CopyAsync(world, world.Store, replica);
        await ExpireAsync(world, world.Store);
        using (var vault = await world.OpenAsync(replica, Token))
            Assert.Equal([Old, "2026-12"], await vault.ListGenerationsAsync(Token));

        // Merged back before the replica heard of it: what is gone stays gone.
        var back = await CopyAsync(world, replica, world.Store);
        Assert.Equal([Mark], Left(world));
        Assert.Empty(back.Findings);

        var copy = await CopyAsync(world, world.Store, replica);

        Assert.Equal([Old], copy.ExpiredGenerations);
        Assert.Empty(copy.Findings);
        Assert.Equal(world.Store.Objects, replica.Objects);
        Assert.Empty((await CopyAsync(world, world.Store, replica)).ExpiredGenerations);
        Assert.True(
            (await ReplicaComparison.RunAsync(world.Store, replica, Token)).LagAt(world.Time.GetUtcNow()).IsNone
        );
    }

    [Fact]
    public async Task A_copy_that_cannot_read_the_ledger_lets_nothing_go_and_makes_no_alarm()
    {
        var world = await NewWorldAsync();
        MemoryStore replica = new();
        await CopyAsync(world, world.Store, replica);
        await ExpireAsync(world, world.Store);

        var blind = await ReplicaWorld.CopyAsync(world.Store, replica, Token);

        Assert.Empty(blind.Findings);
        Assert.Contains(replica.Objects.Keys, key => IsOld(key) && key != Mark);
        using var vault = await world.OpenAsync(replica, Token);
        Assert.Equal(["2026-12"], await vault.ListGenerationsAsync(Token));
    }

    /// <summary>A ledger that cannot be read is not one that calls nothing expired.</summary>
    [Fact]
    public async Task Where_a_ledger_cannot_be_read_nothing_goes_nothing_comes_back_and_it_is_told()
    {
        var world = await NewWorldAsync();
        MemoryStore replica = new();
        await CopyAsync(world, world.Store, replica);
        await ExpireAsync(world, world.Store);
        var damaged = world.Store.Objects.Keys.Last(key =>
            key.StartsWith($"ledger/{StreamName.Vault}/", StringComparison.Ordinal)
        );
        world.Store.Overwrite(damaged, [1, 2, 3]);

        var back = await CopyAsync(world, replica, world.Store);

        Assert.Equal([Mark], Left(world));
        Assert.Equal([$"generations/{Old}", "vault"], UnknownOf(back));

        var on = await CopyAsync(world, world.Store, replica);

        Assert.Empty(on.ExpiredGenerations);
        Assert.Contains(replica.Objects.Keys, key => IsOld(key) && key != Mark);
        Assert.Equal([$"generations/{Old}", "vault"], UnknownOf(on));
        Assert.DoesNotContain(on.Findings, finding => finding.Fault == ReplicaFault.LostInSource);
        Assert.False(on.Passed);

        static IEnumerable<string> UnknownOf(ReplicaCopyResult result) =>
            result
                .Findings.Where(finding => finding.Fault == ReplicaFault.ExpiryUnknown)
                .Select(finding => finding.Key);
    }

    [Fact]
    public async Task Holds_last_until_they_are_released()
    {
        var world = await NewWorldAsync();
        using var vault = await world.OpenAsync(world.Store, Token);
        var writer = NewWriter(world, vault);
        await writer.AppendAsync(
            StreamName.Vault,
            Fact(EntryKind.HoldAdded, "{\"id\":\"a\",\"reason\":\"case\"}"),
            Token
        );
        await writer.AppendAsync(StreamName.Vault, Fact(EntryKind.HoldAdded, "{\"id\":\"b\",\"asset\":\"db\"}"), Token);
        await writer.AppendAsync(StreamName.Vault, Fact(EntryKind.HoldReleased, "{\"id\":\"a\"}"), Token);
        var ledger = await ExpiryLedger.ReadAsync(vault.OpenLedger(), Token);
        var hold = Assert.Single(ledger.Holds);
        Assert.Equal(("b", "db"), (hold.Id, hold.Asset));
    }

    [Fact]
    public async Task A_verification_counts_when_it_passed_and_none_failed_after_it()
    {
        var world = await NewWorldAsync();
        using var vault = await world.OpenAsync(world.Store, Token);
        var writer = NewWriter(world, vault);
        BlobId[] ids = [.. Enumerable.Range(1, 4).Select(i => BlobId.Of([(byte)i]))];
        var (good, bad, worse, worst) = (ids[0], ids[1], ids[2], ids[3]);
        var stream = StreamName.OfAsset("db");
        (BlobId Id, string Kind, string Passed)[] told =
        [
            (good, EntryKind.Verification, "false"),
            (good, EntryKind.Verification, "true"),
            (bad, EntryKind.Verification, "false"),
            (worse, EntryKind.Verification, "true"),
            (worse, EntryKind.Verification, "false"),
            (worst, EntryKind.Verification, "true"),
            (worst, EntryKind.Verification + EntryKind.FailedEnding, "null"),
        ];
        foreach (var (id, kind, passed) in told)
            await writer.AppendAsync(stream, Fact(kind, $"{{\"snapshot\":\"{id.Hex}\",\"passed\":{passed}}}"), Token);
        var ledger = await ExpiryLedger.ReadAsync(vault.OpenLedger(), Token);
        Assert.Equal([good], ids.Where(ledger.IsVerified));
        Assert.Equal(world.Time.GetUtcNow(), ledger.NewestAt);
    }

    [Theory]
    [InlineData("generations/2026-12/data/aa/aabb", true)]
    [InlineData("generations/2026-12", true)]
    [InlineData($"generations/{Old}/data/aa/aabb", false)]
    [InlineData("ledger/vault/000000000001", false)]
    public async Task What_a_scrub_found_damaged_keeps_the_older_generations(string key, bool keeps)
    {
        var world = await NewWorldAsync();
        using var vault = await world.OpenAsync(world.Store, Token);
        var now = world.Time.GetUtcNow();
        ScrubState state = new()
        {
            Place = ReplicaPlace.Primary,
            Passed = false,
            Cursor = "0000000000000000",
            Rounds = 1,
            RoundBeganAt = now,
            ReadAt = now,
            Objects = 1,
            Bytes = 1,
            PeriodSeconds = 1,
            Damaged = [new ScrubDamage(key, "it is damaged", now)],
            DamagedCount = 1,
        };
        await NewWriter(world, vault).AppendAsync(StreamName.OfScrub(ReplicaPlace.Primary), state.ToFact(), Token);

        var result = await ExpireAsync(world, world.Store);

        Assert.Equal(keeps ? [] : [Old], result.Outcomes.Select(outcome => outcome.Generation));
    }

    /// <summary>Two generations, the older one to go.</summary>
    private static async Task<VaultWorld> NewWorldAsync()
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        await world.CaptureAsync(world.Store, VaultWorld.Content(1), Token);
        world.Time.Advance(TimeSpan.FromDays(31));
        await world.CaptureAsync(world.Store, VaultWorld.Content(2), Token);
        world.Time.Advance(TimeSpan.FromDays(2));
        return world;
    }

    private static VaultWorld NewWorldOf(SortedDictionary<string, byte[]> objects, int seed)
    {
        VaultWorld world = new(seed);
        world.Time.Advance(TimeSpan.FromDays(33));
        foreach (var (key, bytes) in objects)
            world.Store.Overwrite(key, bytes);
        return world;
    }

    private static async Task<ExpiryResult> ExpireAsync(VaultWorld world, IStore store)
    {
        using var vault = await world.OpenAsync(store, Token);
        return await new VaultExpiry(vault, Rules, NoProgress.Instance).RunAsync([], NewWriter(world, vault), Token);
    }

    private static Task<ReplicaCopyResult> CopyAsync(VaultWorld world, IStore from, IStore to) =>
        ReplicaWorld.CopyAsync(
            from,
            to,
            Token,
            new ReplicaCopySettings
            {
                FindExpired = async token =>
                {
                    ExpiryAnswer answer = new(new HashSet<string>(), []);
                    foreach (var place in (IStore[])[from, to])
                    {
                        using var vault = await world.OpenAsync(place, token);
                        answer = answer.And(await ExpiryAnswer.AskAsync(vault.OpenLedger(), place.Name, token));
                    }
                    return answer;
                },
            }
        );

    private static async Task<List<LedgerEntry>> EntriesAsync(Vault vault)
    {
        List<LedgerEntry> entries = [];
        await foreach (var entry in vault.OpenLedger().ReadAsync(StreamName.Vault, 1, Token))
            entries.Add(entry);
        return entries;
    }

    private static LedgerWriter NewWriter(VaultWorld world, Vault vault)
    {
        EcdsaSigning signing = new();
        var scalar = new byte[32];
        scalar[31] = 7;
        return new LedgerWriter(
            vault.OpenLedger(),
            new LedgerAuthor("root@db1", "resurgam 0.1.0", signing.FromPrivate(scalar), signing),
            world.Time
        );
    }

    private static LedgerFact Fact(string kind, string body) => LedgerFact.Of(kind, Encoding.UTF8.GetBytes(body));

    private static async Task<IReadOnlyList<Core.Vaults.Snapshots.SnapshotEntry>> SnapshotsAsync(VaultWorld world)
    {
        var vault = await world.OpenAsync(world.Store, Token);
        return await vault.ListSnapshotsAsync(null, Token);
    }

    private static List<string> Left(VaultWorld world) => [.. world.Store.Objects.Keys.Where(IsOld)];

    private static bool IsOld(string key) => key.StartsWith($"generations/{Old}/", StringComparison.Ordinal);

    private static async Task FailsAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ResurgamException)
        {
            // What is left is looked at.
        }
    }

    /// <summary>Something happens before the first entry of the vault's stream is written.</summary>
    private sealed class HoldingStore(IStore inner, Func<Task> beforeEntry) : PassingStore(inner)
    {
        public override async Task<bool> PutAsync(
            string key,
            ReadOnlyMemory<byte> bytes,
            CancellationToken cancellationToken
        )
        {
            if (key.StartsWith("ledger/vault/", StringComparison.Ordinal))
                await beforeEntry();
            return await base.PutAsync(key, bytes, cancellationToken);
        }
    }

    private sealed class VersionedStore(IStore inner) : PassingStore(inner), IVersionedStore
    {
        public List<StoreVersion> Versions { get; } = [];

        public List<string> Deleted { get; } = [];

        public IAsyncEnumerable<StoreVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) =>
            Versions
                .Where(version => version.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToList()
                .ToAsyncEnumerable();

        public Task DeleteVersionAsync(StoreVersion version, CancellationToken cancellationToken)
        {
            Versions.Remove(version);
            Deleted.Add(version.Id);
            return Task.CompletedTask;
        }

        public Task<byte[]?> FindVersionAsync(StoreVersion version, CancellationToken cancellationToken) =>
            FindAsync(version.Key, cancellationToken);

        public Task<DateTimeOffset?> FindLockedUntilAsync(StoreVersion version, CancellationToken cancellationToken) =>
            Task.FromResult<DateTimeOffset?>(null);
    }
}
