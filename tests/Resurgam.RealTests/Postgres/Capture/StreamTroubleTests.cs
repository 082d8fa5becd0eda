using System.Globalization;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Capture;

/// <summary>What goes wrong with a backup by the replication protocol: told clearly, and nothing half-done stays.</summary>
public sealed class StreamTroubleTests
{
    private const string Senders = "SELECT pid FROM pg_stat_replication WHERE state = 'backup'";
    private const string Slow = "    max-rate: 4 MiB/s";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_connection_killed_midway_leaves_no_snapshot()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(15, null, TestContext.Current.CancellationToken);
        await world.WriteStreamedPlanAsync("plan.yaml", world.Server.ConnectionString, Slow);
        await using var backup = world.Start("backup", ClusterWorld.Asset);
        await world.Server.WaitForAsync("SELECT count(*) FROM pg_stat_replication WHERE state = 'backup'", "1", Token);

        await world.Server.QueryAsync($"SELECT pg_terminate_backend(pid) FROM ({Senders}) s", Token);

        var exit = await backup.WaitForExitAsync(Token);
        Assert.NotEqual(0, exit.ExitCode);
        // The server's last words may be lost when it closes while we are writing.
        Assert.Matches("code: postgres-(not-ready|connection-lost)", exit.Error);
        Assert.Empty(await world.SnapshotsAsync());
        await world.WriteStreamedPlanAsync("plan.yaml", world.Server.ConnectionString);
        await world.RunAsync("backup", ClusterWorld.Asset);
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
        await world.AssertCleanAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_dies_midway_leaves_no_snapshot()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(15, null, TestContext.Current.CancellationToken);
        await world.WriteStreamedPlanAsync("plan.yaml", world.Server.ConnectionString, Slow);
        await using var backup = world.Start("backup", ClusterWorld.Asset);
        await world.Server.WaitForAsync("SELECT count(*) FROM pg_stat_replication WHERE state = 'backup'", "1", Token);

        await world.Server.KillAsync(Token);

        var exit = await backup.WaitForExitAsync(Token);
        Assert.Contains("code: postgres-connection-lost", exit.Error, StringComparison.Ordinal);
        Assert.Empty(await world.SnapshotsAsync());
    }

    [Fact(Timeout = 120_000)]
    public async Task Wal_that_is_removed_meanwhile_is_named()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            15,
            new PostgresServerOptions
            {
                Settings = ["max_wal_size = '32MB'", "min_wal_size = '32MB'", "max_slot_wal_keep_size = '1MB'"],
            },
            TestContext.Current.CancellationToken
        );
        await world.WriteStreamedPlanAsync("plan.yaml", world.Server.ConnectionString, Slow);
        await using var backup = world.Start("backup", ClusterWorld.Asset);
        await world.Server.WaitForAsync("SELECT count(*) FROM pg_stat_replication WHERE state = 'backup'", "1", Token);
        for (var segment = 0; segment < 6; segment++)
            await world.Server.QueryAsync("SELECT txid_current(); SELECT pg_switch_wal()", Token);
        await world.Server.QueryAsync("CHECKPOINT", Token);

        var exit = await backup.WaitForExitAsync(Token);

        Assert.Contains("code: postgres-wal-removed", exit.Error, StringComparison.Ordinal);
        Assert.Contains("WAL segment 0000000100000000", exit.Error, StringComparison.Ordinal);
        Assert.Empty(await world.SnapshotsAsync());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_damaged_page_is_a_finding_and_stays_one()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            17,
            new PostgresServerOptions { Settings = ["summarize_wal = on"] },
            TestContext.Current.CancellationToken
        );
        var server = world.Server;
        await server.QueryAsync("CREATE TABLE t AS SELECT generate_series(1, 100000) AS n", Token);
        await server.QueryAsync("VACUUM FREEZE t", Token);
        var relation = await server.ScalarAsync("SELECT pg_relation_filepath('t')", Token) ?? "";
        await server.StopAsync(StopMode.Fast, Token);
        await using (var file = File.OpenWrite(Path.Combine(server.DataDirectory, relation)))
            foreach (var block in new[] { 1, 7 })
            {
                file.Position = block * 8192 + 4000;
                file.WriteByte(0xAA);
            }
        await server.StartAgainAsync(Token);
        string[] expected = [$"page checksum wrong: {relation} block 1", $"page checksum wrong: {relation} block 7"];

        // Full, then one in which the server does not even look at these pages.
        foreach (var mode in new[] { "full", "incremental" })
        {
            var exit = await world.TryRunAsync("backup", ClusterWorld.Asset, "--output", "json");
            Assert.True(exit.ExitCode == 23, exit.ToString());
            using var document = JsonDocument.Parse(exit.Output);
            Assert.Equal(mode, document.RootElement.GetProperty("mode").GetString());
            Assert.Equal(
                expected,
                document.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetString())
            );
            await server.QueryAsync("CHECKPOINT", Token);
        }
        var told = await world.TryRunAsync("restore", ClusterWorld.Asset, "--to", world.NewTarget(), "--dry-run");
        Assert.Contains("2 pages had a wrong checksum", told.Error, StringComparison.Ordinal);
        await world.RestoreVerifiedAsync(ClusterWorld.Asset);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_cannot_be_incremental_is_full_and_says_why()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            17,
            new PostgresServerOptions { Settings = ["summarize_wal = on"] },
            TestContext.Current.CancellationToken
        );
        var server = world.Server;
        await world.RunAsync("backup", ClusterWorld.Asset);
        await server.QueryAsync("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", Token);
        await server.QueryAsync("CHECKPOINT", Token);
        await server.WaitForAsync("SELECT count(*) > 1 FROM pg_available_wal_summaries()", "t", Token);
        foreach (var summary in Directory.GetFiles(Path.Combine(server.DataDirectory, "pg_wal/summaries")))
            File.Delete(summary);

        var refused = await world.AskAsync("backup", ClusterWorld.Asset);
        await server.QueryAsync("ALTER SYSTEM SET summarize_wal = off", Token);
        await server.QueryAsync("SELECT pg_reload_conf()", Token);
        var off = await world.AskAsync("backup", ClusterWorld.Asset);

        Assert.Equal(("full", "full"), (Mode(refused), Mode(off)));
        Assert.Contains("refused", Note(refused), StringComparison.Ordinal);
        Assert.Contains("summarize_wal = off", Note(off), StringComparison.Ordinal);
        Assert.Equal("1000", (await world.AskRestoredAsync("SELECT count(*) FROM t"))[0][0]);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_rights_and_places_that_it_needs_are_named()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            15,
            new PostgresServerOptions { Settings = ["max_wal_senders = 1"] },
            TestContext.Current.CancellationToken
        );
        var server = world.Server;
        await server.QueryAsync("CREATE ROLE plain LOGIN", Token);
        var connection = string.Create(
            CultureInfo.InvariantCulture,
            $"host={server.SocketDirectory} port={server.Port} user=plain"
        );
        await world.WriteStreamedPlanAsync("plain.yaml", connection);

        var noRight = await world.TryRunAsync("plain.yaml", ["backup", ClusterWorld.Asset]);
        Assert.Contains("code: postgres-no-replication-right", noRight.Error, StringComparison.Ordinal);
        await using (await server.OpenReplicationAsync(Token))
        {
            var noPlace = await world.TryRunAsync("backup", ClusterWorld.Asset);
            Assert.Contains("code: postgres-wal-senders", noPlace.Error, StringComparison.Ordinal);
            Assert.Contains("raise max_wal_senders", noPlace.Error, StringComparison.Ordinal);
        }
        Assert.Empty(await world.SnapshotsAsync());

        // One sender is enough: nothing keeps the WAL then, and nobody removes it here.
        await server.WaitForAsync("SELECT count(*) FROM pg_stat_replication", "0", Token);
        await world.RunAsync("backup", ClusterWorld.Asset);
        Assert.Single(await world.SnapshotsAsync());
    }

    private static string? Mode(JsonElement document) => document.GetProperty("mode").GetString();

    private static string Note(JsonElement document) =>
        Assert.Single(document.GetProperty("notes").EnumerateArray()).GetString() ?? "";
}
