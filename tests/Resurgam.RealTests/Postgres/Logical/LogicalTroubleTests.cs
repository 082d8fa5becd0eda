using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Logical;

/// <summary>What goes wrong leaves no snapshot, and never touches the database that is in use.</summary>
public sealed class LogicalTroubleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [InlineData(17)]
    [InlineData(18)]
    public async Task An_older_pg_dump_is_refused(int major)
    {
        await using var world = await LogicalWorld.CreateAsync(major, TestContext.Current.CancellationToken);
        var older = Path.GetDirectoryName(Servers.RequireTool("pg_dump"));
        await world.WritePlanAsync("older.yaml", LogicalWorld.Role, $", binaries: {older}");

        Assert.Equal("postgres-dump-version", await world.RefusalAsync("older.yaml", "backup", LogicalWorld.Asset));
        var told = (await world.TryRunAsync("older.yaml", "backup", LogicalWorld.Asset)).Error;
        Assert.Contains(
            $"are version 15, and the server is {major}: an older one cannot read it",
            told,
            StringComparison.Ordinal
        );
        Assert.Contains($"Install 'postgresql-client-{major}' or newer", told, StringComparison.Ordinal);
        Assert.Equal(0, await world.CountSnapshotsAsync());
    }

    /// <summary>A dump is read by a tool that is not older than the one that wrote it: one that would fail in the middle is not begun.</summary>
    [Fact(Timeout = 120_000)]
    public async Task An_older_pg_restore_is_refused_before_anything_is_made()
    {
        await using var world = await LogicalWorld.CreateAsync(17, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", LogicalWorld.Asset);
        var older = Path.GetDirectoryName(Servers.RequireTool("pg_restore"));
        await world.WritePlanAsync("older.yaml", LogicalWorld.Role, $", binaries: {older}");
        var before = await world.Server.ScalarAsync("select count(*) from pg_database", Token);

        Assert.Equal(
            "postgres-dump-version",
            await world.RefusalAsync("older.yaml", "restore", LogicalWorld.Asset, "--to", "server:")
        );

        var told = (await world.TryRunAsync("older.yaml", "restore", LogicalWorld.Asset, "--to", "server:")).Error;
        Assert.Contains("are version 15, and the dump is 17", told, StringComparison.Ordinal);
        Assert.Equal(before, await world.Server.ScalarAsync("select count(*) from pg_database", Token));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_database_that_the_role_may_not_connect_to_is_a_finding_unless_others_are_named()
    {
        const int sourceFlawed = 23;
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.Server.QueryAsync("create database hidden", Token);
        await world.Server.QueryAsync("revoke connect on database hidden from public", Token);
        await world.WritePlanAsync("named.yaml", LogicalWorld.Role, ", databases: [shop, billing]");

        var all = await world.TryRunAsync("plan.yaml", "backup", LogicalWorld.Asset);
        var named = await world.TryRunAsync("named.yaml", "backup", LogicalWorld.Asset);

        Assert.Equal(sourceFlawed, all.ExitCode);
        Assert.Contains("database hidden is not in the snapshot", all.Output + all.Error, StringComparison.Ordinal);
        Assert.Equal(0, named.ExitCode);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_dump_that_breaks_off_is_no_snapshot()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(world.Folder, "bin")).FullName;
        foreach (var tool in new[] { "pg_dumpall", "pg_restore" })
            File.CreateSymbolicLink(Path.Combine(folder, tool), Servers.RequireTool(tool));
        var dump = Path.Combine(folder, "pg_dump");
        await File.WriteAllTextAsync(
            dump,
            $"#!/bin/sh\n[ \"$1\" = --version ] && exec {Servers.RequireTool("pg_dump")} \"$@\"\n{Servers.RequireTool("pg_dump")} \"$@\" | head -c 100000\necho 'server closed the connection' >&2\nexit 1\n",
            Token
        );
        File.SetUnixFileMode(dump, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await world.WritePlanAsync("broken.yaml", LogicalWorld.Role, $", binaries: {folder}");

        Assert.Equal("postgres-dump-failed", await world.RefusalAsync("broken.yaml", "backup", LogicalWorld.Asset));
        Assert.Equal(0, await world.CountSnapshotsAsync());
    }

    [Fact(Timeout = 120_000)]
    public async Task What_the_role_may_not_read_is_told()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.Server.PsqlAsync("select 1", Token);
        await world.QueryAsync("shop", "create table secret (x int)");
        await world.Server.QueryAsync("create role poor login", Token);
        await world.WritePlanAsync("poor.yaml", "poor");

        Assert.Equal("postgres-dump-failed", await world.RefusalAsync("poor.yaml", "backup", LogicalWorld.Asset));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_copy_that_is_not_as_it_was_captured_is_never_swapped()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", LogicalWorld.Asset);
        var beside = await world.AskAsync("restore", LogicalWorld.Asset, "--to", "server:");
        var copy = LogicalCaptureTests.Database(beside, "shop").GetProperty("restoredAs").GetString() ?? "";
        await world.QueryAsync(copy, "update orders set total = total + 1 where id = 5");
        await world.QueryAsync("shop", "insert into customers values (0, 'new', '')");

        Assert.Equal(
            "restore-unproven",
            await world.RefusalAsync("plan.yaml", "restore", LogicalWorld.Asset, "--to", "server:", "--swap")
        );
        Assert.Equal("60001", await world.ScalarAsync("shop", "select count(*) from customers"));

        await world.QueryAsync("postgres", $"comment on database {copy} is 'mine'");
        Assert.Equal(
            "target-in-the-way-refused",
            await world.RefusalAsync("plan.yaml", "restore", LogicalWorld.Asset, "--to", "server:", "--swap")
        );
    }

    [Fact(Timeout = 180_000)]
    public async Task An_unfinished_copy_is_made_again_and_a_session_that_cannot_be_ended_stops_the_swap()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", LogicalWorld.Asset);
        var beside = await world.AskAsync("restore", LogicalWorld.Asset, "--to", "server:", "--database", "billing");
        var copy = LogicalCaptureTests.Database(beside, "billing").GetProperty("restoredAs").GetString() ?? "";
        await world.QueryAsync(copy, "delete from bills");
        await MarkUnfinishedAsync(world, copy);
        await using (
            var superuser = await Adapters.Postgres.Wire.PostgresConnection.OpenAsync(
                world.Server.Settings with
                {
                    Database = "billing",
                },
                Adapters.Postgres.Wire.SessionKind.Sql,
                TimeProvider.System,
                Token
            )
        )
        {
            Assert.Equal(
                "postgres-database-in-use",
                await world.RefusalAsync(
                    "plan.yaml",
                    "restore",
                    LogicalWorld.Asset,
                    "--to",
                    "server:",
                    "--database",
                    "billing",
                    "--swap"
                )
            );
            Assert.Equal("1000", await superuser.ScalarAsync("select count(*) from bills", Token));
        }
        await world.QueryAsync("billing", "delete from bills where id > 10");
        await world.RunAsync("restore", LogicalWorld.Asset, "--to", "server:", "--database", "billing", "--swap");
        Assert.Equal("1000", await world.ScalarAsync("billing", "select count(*) from bills"));
    }

    [Fact(Timeout = 180_000)]
    public async Task What_a_killed_restore_left_in_the_server_is_ended_and_made_again()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", LogicalWorld.Asset);
        string[] restore = ["restore", LogicalWorld.Asset, "--to", "server:", "--database", "billing"];
        var copy =
            LogicalCaptureTests.Database(await world.AskAsync(restore), "billing").GetProperty("restoredAs").GetString()
            ?? "";

        // A statement of its load goes on.
        await MarkUnfinishedAsync(world, copy);
        await world.QueryAsync(copy, "delete from bills");
        await using (await world.OpenAsync(copy))
            await world.RunAsync(restore);
        Assert.Equal("1000", await world.ScalarAsync(copy, "select count(*) from bills"));

        // It had made the database, and said nothing of it yet.
        await world.QueryAsync("postgres", $"drop database {copy}");
        await world.QueryAsync("postgres", $"create database {copy} allow_connections false");
        await world.RunAsync(restore);
        Assert.Equal("1000", await world.ScalarAsync(copy, "select count(*) from bills"));

        // It still works, and that is for it to end.
        await using (var other = await world.OpenAsync("postgres"))
        {
            await other.QueryAsync($"select pg_advisory_lock(hashtextextended('{copy}', 0))", Token);
            Assert.Equal("postgres-database-in-use", await world.RefusalAsync("plan.yaml", restore));
        }

        // A database that others may have used is no copy of ours.
        await world.QueryAsync("postgres", $"drop database {copy}");
        await world.QueryAsync("postgres", $"create database {copy}");
        Assert.Equal("target-in-the-way-refused", await world.RefusalAsync("plan.yaml", restore));
    }

    [Fact(Timeout = 120_000)]
    public async Task Options_that_say_nothing_here_are_refused()
    {
        await using var world = await LogicalWorld.CreateAsync(15, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", LogicalWorld.Asset);
        foreach (
            var arguments in new[]
            {
                new[] { "--to", Path.Combine(world.Folder, "to"), "--swap" },
                ["--to", "server:", "--start"],
                ["--to", "cluster:"],
            }
        )
            Assert.Equal("usage", await world.RefusalAsync("plan.yaml", ["restore", LogicalWorld.Asset, .. arguments]));
        Assert.Equal(
            "postgres-no-database",
            await world.RefusalAsync("plan.yaml", "restore", LogicalWorld.Asset, "--to", "server:", "--database", "no")
        );
        var status = await world.AskAsync("wal", "status", LogicalWorld.Asset);
        Assert.True(status.GetProperty("walIsElsewhere").GetBoolean());
        Assert.Equal("wal-kind", await world.RefusalAsync("plan.yaml", "wal", "stream", LogicalWorld.Asset));
    }

    private static async Task MarkUnfinishedAsync(LogicalWorld world, string copy) =>
        await world.Server.QueryAsync(
            $"do $$ begin execute format('comment on database {copy} is %L', (select replace(shobj_description(oid, 'pg_database'), 'resurgam: restored', 'resurgam: being restored') from pg_database where datname = '{copy}')); end $$",
            Token
        );
}
