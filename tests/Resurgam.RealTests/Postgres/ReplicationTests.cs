using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed class ReplicationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_slot_is_made_read_and_dropped(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        Assert.Null(await connection.ReadSlotAsync("spool", Token));
        await connection.CreatePhysicalSlotAsync("spool", Token);
        var slot = await connection.ReadSlotAsync("spool", Token);

        Assert.NotNull(slot);
        Assert.Equal(1u, slot.RestartTimeline);
        var shown = await server.ScalarAsync("select restart_lsn from pg_replication_slots", Token);
        Assert.Equal(Lsn.Parse(shown), slot.RestartLsn);
        await connection.DropSlotAsync("spool", Token);
        Assert.Null(await connection.ReadSlotAsync("spool", Token));
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_slot_that_holds_nothing_has_no_position(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await server.QueryAsync("select pg_create_physical_replication_slot('idle')", Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        Assert.Equal(new SlotState(default, 0), await connection.ReadSlotAsync("idle", Token));
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task The_system_says_who_it_is(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        var identity = await connection.IdentifySystemAsync(Token);

        Assert.Equal(
            await server.ScalarAsync("select system_identifier from pg_control_system()", Token),
            $"{identity.SystemIdentifier}"
        );
        Assert.Equal(1u, identity.Timeline);
        Assert.True(identity.FlushLsn > default(Lsn));
        Assert.Equal(16ul << 20, await connection.ShowWalSegmentSizeAsync(Token));
        Assert.Null(await connection.TimelineHistoryAsync(1, Token));
        Assert.Equal(identity, await connection.IdentifySystemAsync(Token));
    }

    [Fact]
    public async Task What_goes_wrong_with_slots_has_a_name()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);
        await using var second = await server.OpenReplicationAsync(Token);
        var start = (await connection.IdentifySystemAsync(Token)).FlushLsn;

        Assert.Equal("postgres-slot-missing", await CodeOf(() => connection.DropSlotAsync("none", Token)));
        Assert.Equal(
            "postgres-slot-missing",
            await CodeOf(() => connection.StartReplicationAsync("none", 1, start, Token))
        );
        await connection.CreatePhysicalSlotAsync("spool", Token);
        Assert.Equal("postgres-slot-exists", await CodeOf(() => connection.CreatePhysicalSlotAsync("spool", Token)));
        using var receiver = await connection.StartReplicationAsync("spool", 1, start, Token);
        Assert.Equal(
            "postgres-slot-in-use",
            await CodeOf(() => second.StartReplicationAsync("spool", 1, start, Token))
        );
        Assert.Equal("postgres-slot-in-use", await CodeOf(() => second.DropSlotAsync("spool", Token)));
    }

    [Fact]
    public async Task A_role_needs_the_right_to_replicate()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await server.QueryAsync("create role plain login", Token);
        var settings = server.Settings with { User = "plain" };

        var code = await CodeOf(() => OpenAsync(settings, SessionKind.PhysicalReplication));

        Assert.Equal("postgres-no-replication-right", code);
    }

    [Fact]
    public async Task A_cluster_without_wal_level_replica_says_what_to_set()
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            new PostgresServerOptions { Settings = ["wal_level = minimal", "max_wal_senders = 0"] },
            Token
        );

        Assert.Equal(
            "postgres-wal-senders",
            await CodeOf(() => OpenAsync(server.Settings, SessionKind.PhysicalReplication))
        );
        await using var sql = await server.OpenAsync(Token);
        Assert.Equal("postgres-wal-level", await CodeOf(() => sql.QueryAsync("select pg_backup_start('x')", Token)));
    }

    [Fact]
    public async Task Wal_that_the_server_has_removed_is_a_named_problem()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        for (var round = 0; round < 3; round++)
            await server.QueryAsync("select pg_switch_wal(); checkpoint", Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        using var receiver = await connection.StartReplicationAsync(null, 1, Lsn.Parse("0/1000000"), Token);

        Assert.Equal("postgres-wal-removed", await CodeOf(async () => await receiver.ReadAsync(Token)));
        Assert.Equal(1u, (await connection.IdentifySystemAsync(Token)).Timeline);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_slot_that_fell_behind_is_a_named_problem(int major)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { Settings = ["max_slot_wal_keep_size = '16MB'", "max_wal_size = '32MB'"] },
            Token
        );
        await using var connection = await server.OpenReplicationAsync(Token);
        await connection.CreatePhysicalSlotAsync("spool", Token);
        var slot = await connection.ReadSlotAsync("spool", Token);
        for (var round = 0; round < 6; round++)
            await server.QueryAsync($"create table t{round} (a int); select pg_switch_wal(); checkpoint", Token);

        Assert.Equal("lost", await server.ScalarAsync("select wal_status from pg_replication_slots", Token));
        Assert.Equal(new SlotState(default, 0), await connection.ReadSlotAsync("spool", Token));
        var code = await CodeOf(async () =>
        {
            using var receiver = await connection.StartReplicationAsync("spool", 1, slot?.RestartLsn ?? default, Token);
            await receiver.ReadAsync(Token);
        });
        Assert.Contains(code, new[] { "postgres-wal-removed", "postgres-slot-unusable" });
        await connection.DropSlotAsync("spool", Token);
    }

    private static async Task OpenAsync(ConnectionSettings settings, SessionKind kind)
    {
        await using var connection = await PostgresConnection.OpenAsync(settings, kind, TimeProvider.System, Token);
    }

    private static async Task<string> CodeOf(Func<Task> action) =>
        (await Assert.ThrowsAsync<ResurgamException>(action)).Problem.Code;
}
