using System.Text.Json;
using Resurgam.Core.Postgres;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>Bits that turned over, with the real program: found, named, and what is unhurt comes back.</summary>
public sealed class DamageTests
{
    private const int VaultDamaged = 20;
    private const int WrongSecret = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task Whatever_bit_turned_over_is_named_and_the_unhurt_snapshot_restores()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await Load.InsertAsync(world.Server, megabytes: 2, Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var before = Files(world);
        await Load.InsertAsync(world.Server, megabytes: 2, Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var (older, newer) = await world.SnapshotsAsync() is [var one, var two] ? (one, two) : default;
        var added = Files(world).Except(before, StringComparer.Ordinal).ToList();

        // What only the newer one needs.
        foreach (var kind in (string[])["/data/", "/index/", "/snapshots/"])
        foreach (var file in added.Where(file => file.Contains(kind, StringComparison.Ordinal)))
        {
            using var flip = Flip(file);
            await AssertNamedAsync(world, file);
            Directory.Delete(await world.RestoreVerifiedAsync(older), recursive: true);
            var hurt = await world.TryRunAsync("restore", newer, "--to", world.NewTarget());
            Assert.True(hurt.ExitCode is VaultDamaged or 10, hurt.ToString());
            Assert.Contains(Path.GetFileName(file)[..8], hurt.Error, StringComparison.Ordinal);
        }

        // Without these both come back.
        foreach (var kind in (string[])["/keys/", "/resurgam.key", "/config", "/RESTORE.md"])
        foreach (var file in Files(world).Where(file => file.Contains(kind, StringComparison.Ordinal)))
        {
            using var flip = Flip(file);
            await AssertNamedAsync(world, file);
            Directory.Delete(await world.RestoreVerifiedAsync(newer), recursive: true);
        }
        await world.AssertCleanAsync();
    }

    /// <summary>Whoever has one place alone can mend what nobody needs to know.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_damaged_config_or_guide_is_told_and_made_anew_without_a_replica()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var config = Path.Combine(world.Generation, "config");
        string[] damaged =
        [
            config,
            Path.Combine(world.Vault, "RESTORE.md"),
            Path.Combine(world.Generation, "RESTORE.md"),
        ];
        foreach (var file in damaged)
            _ = Flip(file);

        foreach (var file in damaged)
            await AssertNamedAsync(world, file);
        var list = await world.TryRunAsync("ls", "latest");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("config is damaged", list.Error, StringComparison.Ordinal);
        await world.RestoreVerifiedAsync("latest");
        await world.RunAsync("backup", ClusterWorld.Asset);
        await world.RunAsync("verify", ClusterWorld.Asset);

        var heal = await world.RunAsync("vault", "heal");

        Assert.Contains("made anew  generations/", heal, StringComparison.Ordinal);
        Assert.Contains("made anew  RESTORE.md", heal, StringComparison.Ordinal);
        await world.AssertCleanAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task Damaged_wal_ends_a_recovery_with_an_error_and_not_early()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync("CREATE TABLE t (id int)", Token);
        await using var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        await world.Server.WaitForAsync(
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'",
            "1",
            Token
        );
        await world.RunAsync("backup", ClusterWorld.Asset);
        for (var segment = 0; segment < 4; segment++)
        {
            await world.Server.QueryAsync("INSERT INTO t SELECT generate_series(1, 1000)", Token);
            await world.Server.QueryAsync("SELECT pg_switch_wal()", Token);
        }
        await world.Server.QueryAsync("INSERT INTO t SELECT generate_series(1, 1000)", Token);
        await world.Server.WaitForAsync(
            "SELECT flush_lsn >= pg_current_wal_flush_lsn() FROM pg_stat_replication",
            "t",
            Token
        );
        stream.Signal(15);
        Assert.Equal(0, (await stream.WaitForExitAsync(Token)).ExitCode);

        Assert.Equal("5000", (await world.AskRestoredAsync("SELECT count(*) FROM t"))[0][0]);
        var segments = WalFiles(world);
        Assert.True(segments.Count >= 4, string.Join('\n', segments));
        foreach (var file in (string[])[segments[^2], segments[^1]])
        {
            using var flip = Flip(file);
            await AssertNamedAsync(world, file);
            var (hurt, _) = await world.StartRestoredAsync();
            Assert.True(hurt.ExitCode == VaultDamaged, hurt.ToString());
            Assert.Contains("code: wal-damaged", hurt.Error, StringComparison.Ordinal);
            Assert.True(hurt.Error.Contains("cannot be used", StringComparison.Ordinal), hurt.ToString());
            Assert.Contains(Path.GetFileName(file), hurt.Error, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = 240_000)]
    public async Task Before_damaged_wal_every_point_comes_back_and_behind_it_none_in_silence()
    {
        const string rows = "SELECT string_agg(said, ' ' ORDER BY said) FROM t";
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await using var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        await world.Server.WaitForAsync("SELECT bool_or(active) FROM pg_replication_slots", "t", Token);
        await world.Server.QueryAsync("CREATE TABLE t AS SELECT '1-backup' AS said", Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await world.Server.QueryAsync("INSERT INTO t VALUES ('2-before')", Token);
        var before = (await world.Server.QueryAsync("SELECT pg_current_wal_insert_lsn()", Token))[0][0] ?? "";
        await world.Server.QueryAsync("INSERT INTO t VALUES ('3-last')", Token);
        var shipped = await ShippedAsync(world);
        await world.Server.QueryAsync("INSERT INTO t VALUES ('4-damaged')", Token);
        var behind = (await world.Server.QueryAsync("SELECT clock_timestamp()", Token))[0][0];
        await ShippedAsync(world);
        stream.Signal(15);
        await stream.WaitForExitAsync(Token);
        var damaged = WalFiles(world).Except(shipped, StringComparer.Ordinal).Order(StringComparer.Ordinal).First();
        using var flip = Flip(damaged);

        Assert.Equal("1-backup", (await world.AskRestoredAsync(rows, "--at", "consistent"))[0][0]);
        Assert.Equal("1-backup 2-before", (await world.AskRestoredAsync(rows, "--at", before))[0][0]);
        await world.RunAsync("verify", ClusterWorld.Asset, "--snapshot-only");
        foreach (var at in (string?[])["latest", behind])
        {
            var (hurt, _) = await world.StartRestoredAsync("--at", at ?? "");
            Assert.True(hurt.ExitCode == VaultDamaged, hurt.ToString());
            Assert.Contains("code: wal-damaged", hurt.Error, StringComparison.Ordinal);
            Assert.Contains(Path.GetFileName(damaged), hurt.Error, StringComparison.Ordinal);
            Assert.Contains("a point before 0/", hurt.Error, StringComparison.Ordinal);
        }
    }

    /// <returns>The objects of WAL, once all that the server has written is in one of them.</returns>
    private static async Task<IReadOnlyList<string>> ShippedAsync(ClusterWorld world)
    {
        var written = (await world.Server.QueryAsync("SELECT pg_current_wal_flush_lsn()", Token))[0][0];
        await Eventually.HoldsAsync(
            () => $"WAL up to {written} is not shipped",
            async () =>
            {
                var status = await world.TryRunAsync("wal", "status", ClusterWorld.Asset, "--output", "json");
                using var document = JsonDocument.Parse(status.Output);
                return Lsn.TryParse(document.RootElement.GetProperty("storeEnd").GetString(), out var end)
                    && end >= Lsn.Parse(written);
            },
            Token
        );
        return WalFiles(world);
    }

    private static List<string> WalFiles(ClusterWorld world) =>
        [.. Files(world).Where(file => file.Contains("/wal/", StringComparison.Ordinal))];

    [Fact(Timeout = 60_000)]
    public async Task A_wrong_secret_is_told_and_nothing_is_written()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.WritePlanAsync("wrong.yaml", world.Vault, world.Server, "RESURGAM_TEST_WRONG_SECRET");
        var before = Files(world);

        foreach (
            var command in (string[][])
                [
                    ["backup", "db"],
                    ["snapshots"],
                    ["vault", "check"],
                    ["wal", "stream", "db"],
                    ["restore", "db", "--to", world.NewTarget()],
                ]
        )
        {
            var exit = await world.TryRunAsync("wrong.yaml", command);
            Assert.True(exit.ExitCode == WrongSecret, exit.ToString());
            Assert.Contains("code: vault-wrong-secret", exit.Error, StringComparison.Ordinal);
        }
        Assert.Equal(before, Files(world));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_read_only_store_restores_and_checks_and_refuses_a_backup()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await using var mount = await Mount.ReadOnlyAsync(world.Vault, Path.Combine(world.Folder, "read-only"), Token);
        await world.WritePlanAsync("read-only.yaml", mount.Path, world.Server);

        var backup = await world.TryRunAsync("read-only.yaml", ["backup", "db"]);
        var target = world.NewTarget();
        var restore = await world.TryRunAsync("read-only.yaml", ["restore", "db", "--to", target]);
        var check = await world.TryRunAsync("read-only.yaml", ["vault", "check", "--read-data"]);

        Assert.True(backup.ExitCode == 10, backup.ToString());
        Assert.Contains("code: store-refused", backup.Error, StringComparison.Ordinal);
        Assert.True(restore.ExitCode == 0, restore.ToString());
        await world.VerifyAsync(target);
        Assert.True(check.ExitCode == 0, check.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_full_store_is_told_keeps_what_it_has_and_works_on_when_there_is_room()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await using var small = await Mount.TemporaryAsync(Path.Combine(world.Folder, "small"), megabytes: 16, Token);
        await world.WritePlanAsync("small.yaml", Path.Combine(small.Path, "vault"), world.Server);
        Assert.Equal(0, (await world.TryRunAsync("small.yaml", ["vault", "create"])).ExitCode);
        Assert.Equal(0, (await world.TryRunAsync("small.yaml", ["backup", "db"])).ExitCode);
        await world.Server.QueryAsync(
            "CREATE TABLE noise AS SELECT gen_random_uuid() AS a, gen_random_uuid() AS b FROM generate_series(1, 900000)",
            Token
        );

        var full = await world.TryRunAsync("small.yaml", ["backup", "db"]);

        Assert.True(full.ExitCode == 10, full.ToString());
        Assert.Contains("code: store-full", full.Error, StringComparison.Ordinal);
        var check = await world.TryRunAsync("small.yaml", ["vault", "check", "--read-data"]);
        Assert.True(check.ExitCode == 0, check.ToString());
        var target = world.NewTarget();
        Assert.Equal(0, (await world.TryRunAsync("small.yaml", ["restore", "db", "--to", target])).ExitCode);
        await world.VerifyAsync(target);

        await small.ResizeAsync(megabytes: 150, Token);
        var again = await world.TryRunAsync("small.yaml", ["backup", "db"]);
        Assert.True(again.ExitCode == 0, again.ToString());
        var last = world.NewTarget();
        Assert.Equal(0, (await world.TryRunAsync("small.yaml", ["restore", "db", "--to", last])).ExitCode);
        await world.VerifyAsync(last);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_full_target_is_told_and_the_restore_goes_on_when_there_is_room()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await Load.InsertAsync(world.Server, megabytes: 4, Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await using var small = await Mount.TemporaryAsync(Path.Combine(world.Folder, "small"), megabytes: 24, Token);
        string[] restore = ["restore", "db", "--to", Path.Combine(small.Path, "data")];

        var full = await world.TryRunAsync(restore);
        await small.ResizeAsync(megabytes: 200, Token);
        await world.RunAsync(restore);

        Assert.True(full.ExitCode == 10, full.ToString());
        Assert.Contains("code: target-full", full.Error, StringComparison.Ordinal);
        await world.VerifyAsync(Path.Combine(small.Path, "data"));
    }

    private static async Task AssertNamedAsync(ClusterWorld world, string file)
    {
        var check = await world.TryRunAsync("vault", "check", "--read-data");
        Assert.True(check.ExitCode == VaultDamaged, $"{file}\n{check}");
        Assert.Contains(Path.GetFileName(file), check.Output + check.Error, StringComparison.Ordinal);
    }

    private static List<string> Files(ClusterWorld world) =>
        [.. Directory.EnumerateFiles(world.Vault, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static FlippedBit Flip(string file) => new(file);
}
