using Amazon.S3.Model;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Stores;

/// <summary>A whole vault under object lock, on a server that honours conditions where versions are kept.</summary>
public sealed class S3LockedVaultTests : IDisposable
{
    private const int VaultDamaged = 20;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_database_is_backed_up_streamed_attacked_healed_and_restored()
    {
        var (options, keys) = await MakeAsync();
        using S3Store store = Open(options);
        await using var world = await ClusterWorld.CreateInAsync(
            keys,
            Variables,
            TestContext.Current.CancellationToken
        );
        await world.Server.QueryAsync("CREATE TABLE t (said text)", TestContext.Current.CancellationToken);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await using (var stream = world.Start("wal", "stream", ClusterWorld.Asset))
        {
            await world.Server.QueryAsync("INSERT INTO t VALUES ('first')", TestContext.Current.CancellationToken);
            await world.RunAsync("backup", ClusterWorld.Asset);
            await world.Server.QueryAsync("INSERT INTO t VALUES ('streamed')", TestContext.Current.CancellationToken);
            await world.Server.WaitForAsync(
                "SELECT bool_or(flush_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication",
                "t",
                TestContext.Current.CancellationToken
            );
            stream.Signal(15);
            var ended = await stream.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(ended.ExitCode == 0, ended.ToString());
        }
        Assert.Contains("whole", await world.RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
        await AssertAllLockedAsync(store, options);
        const string question = "SELECT string_agg(said, ' ' ORDER BY said) FROM t";
        Assert.Equal("first streamed", (await world.AskRestoredAsync(question))[0][0]);

        var hurt = await AttackAsync(store, options);
        var check = await world.TryRunAsync("vault", "check", "--read-data");
        Assert.True(check.ExitCode == VaultDamaged, check.ToString());
        var heal = await world.RunAsync("vault", "heal");

        foreach (var key in hurt)
            Assert.Contains(key, heal, StringComparison.Ordinal);
        Assert.Contains("an older version in it", heal, StringComparison.Ordinal);
        Assert.Contains("whole", await world.RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
        Assert.Contains("whole", await world.RunAsync("ledger", "verify"), StringComparison.Ordinal);
        Assert.Equal("first streamed", (await world.AskRestoredAsync(question))[0][0]);
    }

    [Fact(Timeout = 300_000)]
    public async Task What_would_expire_stays_as_long_as_its_lock_does()
    {
        var (options, keys) = await MakeAsync();
        using var store = Open(options);
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullPath, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{_folder.FullPath}}/state
            vault: { {{keys}}, secret: { env: RESURGAM_TEST_SECRET } }
            retention: { point-in-time: 30d, verified-copies: 0 }

            """,
            TestContext.Current.CancellationToken
        );
        VaultWorld world = new();
        world.Time.AdjustTime(DateTimeOffset.UtcNow.AddDays(-100));
        var old = world.Time.GetUtcNow().ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        (await world.CreateAsync(store, TestContext.Current.CancellationToken)).Dispose();
        await world.CaptureAsync(store, VaultWorld.Content(1), TestContext.Current.CancellationToken);
        world.Time.AdjustTime(DateTimeOffset.UtcNow.AddDays(-50));
        await world.CaptureAsync(store, VaultWorld.Content(2), TestContext.Current.CancellationToken);
        world.Time.AdjustTime(DateTimeOffset.UtcNow.AddMinutes(-1));
        await world.CaptureAsync(store, VaultWorld.Content(3), TestContext.Current.CancellationToken);
        var before = await VersionsAsync(store, $"generations/{old}/");

        var dry = await RunAsync("vault", "expire", "--dry-run");
        var expired = await RunAsync("vault", "expire");

        foreach (var said in (string[])[dry, expired])
        {
            var lines = said.Split('\n');
            Assert.StartsWith($"{old}  stays: 1 snapshots", lines[0], StringComparison.Ordinal);
            Assert.Contains("the store keeps it under lock until", lines[1], StringComparison.Ordinal);
        }
        Assert.Equal(before, await VersionsAsync(store, $"generations/{old}/"));
        Assert.Contains("whole", await RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, string> Variables =>
        new()
        {
            ["RESURGAM_TEST_USER"] = S3Server.AccessKey,
            ["RESURGAM_TEST_KEY"] = S3Server.SecretKey,
            ["RESURGAM_TEST_SECRET"] = StockRestic.Password,
        };

    /// <returns>With the keys of a plan's <c>vault</c> that say the same.</returns>
    private static async Task<(S3Options Options, string Keys)> MakeAsync()
    {
        var server = await S3Server.RequireNewAsync();
        var options = server.OptionsFor(await server.MakeBucketAsync(Token, isLocked: true)) with
        {
            ObjectLock = ObjectLock.Compliance,
            LockFor = TimeSpan.FromDays(1),
        };
        return (
            options,
            $"store: 's3://{options.Bucket}/{options.Prefix}', s3: {{ endpoint: '{options.Endpoint}', object-lock: compliance, lock-for: 1d, "
                + "access-key: { env: RESURGAM_TEST_USER }, secret-key: { env: RESURGAM_TEST_KEY } }"
        );
    }

    /// <summary>Every version but those of what lives for one process, by the server's word and by trying.</summary>
    private static async Task AssertAllLockedAsync(S3Store store, S3Options options)
    {
        var versions = (await VersionsAsync(store, "")).Where(version => !version.IsMark && !IsLockFile(version.Key));
        Assert.NotEmpty(versions);
        foreach (var version in versions)
        {
            var until = await store.FindLockedUntilAsync(version, Token);
            var horizon = LockHorizon.Of(version.Key, DateTimeOffset.UtcNow, options.LockFor);
            Assert.True(
                until > DateTimeOffset.UtcNow && until > horizon - TimeSpan.FromMinutes(10),
                $"{version.Key} is locked until {until}, not {horizon}"
            );
            var failure = await Assert.ThrowsAsync<ResurgamException>(() => store.DeleteVersionAsync(version, Token));
            Assert.Equal("s3-denied", failure.Problem.Code);
        }
    }

    /// <summary>Whoever has our credentials can write over packs, snapshots and WAL, and hide what he deletes; what was there before is a version.</summary>
    private static async Task<IReadOnlyList<string>> AttackAsync(S3Store store, S3Options options)
    {
        var items = await store.ListAsync("", Token).ToListAsync(Token);
        List<string> hurt = [];
        using var client = S3Client.Create(options);
        foreach (var part in (string[])["/data/", "/snapshots/", "/index/", "/wal/"])
        {
            var item = items.Last(item => item.Key.Contains(part, StringComparison.Ordinal) && item.LengthBytes > 100);
            var bytes = await store.FindAsync(item.Key, Token) ?? [];
            bytes[bytes.Length / 2] ^= 1;
            using MemoryStream body = new(bytes);
            await client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = options.Bucket,
                    Key = $"{options.Prefix}/{item.Key}",
                    InputStream = body,
                    UseChunkEncoding = false,
                },
                Token
            );
            hurt.Add(item.Key);
        }
        var hidden = items.First(item => item.Key.Contains("/data/", StringComparison.Ordinal)).Key;
        Assert.DoesNotContain(hidden, hurt);
        await store.DeleteAsync(hidden, Token);
        return [.. hurt, hidden];
    }

    private static async Task<IReadOnlyList<StoreVersion>> VersionsAsync(S3Store store, string prefix) =>
        await store.ListVersionsAsync(prefix, Token).ToListAsync(Token);

    private static bool IsLockFile(string key) =>
        key.Contains("/locks/", StringComparison.Ordinal)
        || key.StartsWith("locks/", StringComparison.Ordinal)
        || key.StartsWith("probe-", StringComparison.Ordinal);

    private static S3Store Open(S3Options options) => new(options, TimeProvider.System, new SeededEntropy(1));

    private async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await ResurgamProcess.RunAsync(
            ["--plan", "plan.yaml", .. arguments],
            new ResurgamSurroundings
            {
                Folder = _folder.FullPath,
                Environment = new Dictionary<string, string>(Variables)
                {
                    ["RESURGAM_TEST_SECRET"] = VaultWorld.Password,
                },
            },
            Token
        );
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }
}
