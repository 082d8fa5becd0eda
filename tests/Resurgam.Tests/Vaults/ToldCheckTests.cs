using System.Text;
using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>What was deleted is missed: the ledger tells of it.</summary>
public sealed class ToldCheckTests
{
    private const string Asset = "db";
    private const ulong Window = 16 << 20;

    private readonly VaultWorld _world = new();
    private readonly List<Problem> _warned = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_that_was_told_and_is_gone_is_damage()
    {
        await NewAsync();
        await BackUpAsync(1);
        var gone = await BackUpAsync(2);
        Assert.Empty((await CheckAsync()).Damage);

        _world.Store.Remove($"generations/2026-11/snapshots/{gone.Id.Hex}");

        var damage = Assert.Single((await CheckAsync()).Damage);
        Assert.Equal($"snapshot {gone.Id.Short} of {Asset}", damage.Subject);
        Assert.Contains("2026-11-23 13:00:00Z", damage.How, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_expired_is_not_missed_and_a_generation_that_somebody_deleted_is()
    {
        await NewAsync();
        var old = await BackUpAsync(1);
        _world.Time.Advance(TimeSpan.FromDays(31));
        await BackUpAsync(2);
        _world.Time.Advance(TimeSpan.FromDays(2));
        var before = _world.Store.Objects;
        using (var vault = await OpenAsync())
            await new VaultExpiry(
                vault,
                new ExpiryRules { PointInTime = TimeSpan.Zero, VerifiedCopies = 0 },
                NoProgress.Instance
            ).RunAsync([], NewWriter(vault), Token);
        Assert.DoesNotContain(
            _world.Store.Objects.Keys,
            key => key.StartsWith("generations/2026-11/data", StringComparison.Ordinal)
        );
        Assert.Empty((await CheckAsync()).Damage);

        foreach (var key in _world.Store.Objects.Keys.Where(key => !before.ContainsKey(key)).ToList())
            _world.Store.Remove(key); // the ledger tells nothing of the expiry

        Assert.Contains(old.Id.Short, Assert.Single((await CheckAsync()).Damage).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gap_behind_the_newest_snapshot_is_damage_and_one_before_it_is_told()
    {
        await NewAsync();
        await BackUpAsync(1, stop: 2 * Window);
        await StoreWalAsync(1, 2, 3, 4, 5, 6);
        Assert.Equal((0, 0), await CountAsync());

        _world.Store.Remove(KeyOf(4));
        var damage = Assert.Single((await CheckAsync()).Damage);
        Assert.Equal($"stream of {Asset}", damage.Subject);
        Assert.Contains("0/4000000..0/5000000 on timeline 1", damage.How, StringComparison.Ordinal);

        await BackUpAsync(2, stop: 6 * Window);
        Assert.Equal((0, 1), await CountAsync());
    }

    [Fact]
    public async Task A_stream_that_began_after_the_newest_snapshot_is_told_and_no_damage()
    {
        await NewAsync();
        await BackUpAsync(1, stop: 2 * Window);
        await StoreWalAsync(5, 6);
        Assert.Equal((0, 1), await CountAsync());
    }

    [Fact]
    public async Task A_damaged_newest_snapshot_is_told_with_both_times_and_by_its_id_it_is_damage()
    {
        await NewAsync();
        var older = await BackUpAsync(1);
        var newest = await BackUpAsync(2);
        var key = $"generations/2026-11/snapshots/{newest.Id.Hex}";
        var bytes = _world.Store.Objects[key].ToArray();
        bytes[40] ^= 1;
        _world.Store.Overwrite(key, bytes);

        using var vault = await OpenAsync();
        Assert.Equal(older.Id, (await vault.GetSnapshotAsync("latest", VaultWorld.Asset, Token)).Id);
        var told = _warned.Single(problem => problem.Code == "snapshot-older");
        Assert.Contains("2026-11-23 12:00:00Z", told.What, StringComparison.Ordinal);
        Assert.Contains("2026-11-23 13:00:00Z", told.What, StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            vault.GetSnapshotAsync(newest.Id.Short, VaultWorld.Asset, Token)
        );
        Assert.Equal("vault-damaged", failure.Problem.Code);
    }

    [Fact]
    public async Task A_damaged_index_is_one_finding_with_what_mends_it()
    {
        await NewAsync();
        await BackUpAsync(1);
        var key = _world.Store.Objects.Keys.Single(key => key.Contains("/index/", StringComparison.Ordinal));
        var bytes = _world.Store.Objects[key].ToArray();
        bytes[40] ^= 1;
        _world.Store.Overwrite(key, bytes);

        var result = await _world.CheckAsync(_world.Store, Token);

        var damage = Assert.Single(result.Damage);
        Assert.Equal(key, damage.Subject);
        Assert.Contains("restic rebuild-index", damage.How, StringComparison.Ordinal);
        Assert.Equal(0, result.UnusedPacks);
    }

    private async Task NewAsync() => (await _world.CreateAsync(_world.Store, Token)).Dispose();

    private Task<Vault> OpenAsync() =>
        Vault.OpenAsync(_world.Store, VaultWorld.Password, _world.Host with { Damaged = _warned.Add }, Token);

    /// <summary>A snapshot an hour, which the ledger tells.</summary>
    private async Task<SnapshotEntry> BackUpAsync(int content, ulong stop = 0)
    {
        var snapshot = await _world.CaptureAsync(_world.Store, VaultWorld.Content(content), Token);
        using var vault = await OpenAsync();
        var body =
            $$"""{"snapshot":"{{snapshot.Id.Hex}}","time":"{{snapshot.TakenAt:yyyy-MM-ddTHH:mm:ssZ}}"{{(stop == 0 ? "" : $$""","timeline":1,"stopLsn":"{{new Lsn(stop)}}" """)}}}""";
        await NewWriter(vault)
            .AppendAsync(
                StreamName.OfAsset(Asset),
                LedgerFact.Of(EntryKind.Backup, Encoding.UTF8.GetBytes(body)),
                Token
            );
        _world.Time.Advance(TimeSpan.FromHours(1));
        return snapshot;
    }

    private async Task StoreWalAsync(params int[] windows)
    {
        foreach (var window in windows)
            await _world.Store.PutAsync(KeyOf(window), new byte[] { 1 }, Token);
    }

    private static string KeyOf(int window) =>
        $"generations/2026-11/wal/{Asset}/{new WalObjectName(1, new Lsn((ulong)window * Window), (int)Window)}";

    private async Task<(int Damage, int Notes)> CountAsync()
    {
        var result = await CheckAsync();
        return (result.Damage.Count, result.Notes.Count);
    }

    private async Task<ToldCheckResult> CheckAsync()
    {
        using var vault = await OpenAsync();
        return await new ToldCheck(vault, NoProgress.Instance).RunAsync(Token);
    }

    private LedgerWriter NewWriter(Vault vault)
    {
        EcdsaSigning signing = new();
        var scalar = new byte[32];
        scalar[31] = 7;
        return new LedgerWriter(
            vault.OpenLedger(),
            new LedgerAuthor("root@db1", "resurgam 0.1.0", signing.FromPrivate(scalar), signing),
            _world.Time
        );
    }
}
