using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed class WalReceiverTests
{
    private const ulong SegmentBytes = 16 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task The_stream_is_what_stands_in_the_segment(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);
        var start = SegmentStart((await connection.IdentifySystemAsync(Token)).FlushLsn);
        await server.QueryAsync("create table t as select n, md5(n::text) from generate_series(1, 30000) n", Token);
        var end = await FlushedAsync(server);

        using var receiver = await connection.StartReplicationAsync(null, 1, start, Token);
        var received = await ReadUntilAsync(receiver, start, end);

        Assert.Equal(await ReadWalAsync(server, 1, start, received.Length), received);
        Assert.Null(await receiver.FinishAsync(Token));
        Assert.Equal(1u, (await connection.IdentifySystemAsync(Token)).Timeline);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_status_moves_the_slot(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);
        await connection.CreatePhysicalSlotAsync("spool", Token);
        var start = SegmentStart((await connection.IdentifySystemAsync(Token)).FlushLsn);
        using var receiver = await connection.StartReplicationAsync("spool", 1, start, Token);
        await server.QueryAsync("create table t (a int)", Token);
        var end = start + (ulong)(await ReadUntilAsync(receiver, start, await FlushedAsync(server))).Length;

        await receiver.SendStatusAsync(end, end, end, replyRequested: true, Token);
        while (await receiver.ReadAsync(Token) is { } message && message.Kind != WalMessageKind.Keepalive) { }

        await server.WaitForAsync("select restart_lsn from pg_replication_slots", end.ToString(), Token);
        Assert.Equal(
            $"{end} {end} {end}",
            await server.ScalarAsync(
                "select write_lsn || ' ' || flush_lsn || ' ' || replay_lsn from pg_stat_replication",
                Token
            )
        );
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_synchronous_commit_waits_for_our_flush(int major)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { Settings = ["synchronous_standby_names = 'resurgam'"] },
            Token
        );
        await using var connection = await server.OpenReplicationAsync(Token);
        var start = (await connection.IdentifySystemAsync(Token)).FlushLsn;
        using var receiver = await connection.StartReplicationAsync(null, 1, start, Token);
        await receiver.SendStatusAsync(start, start, start, replyRequested: false, Token);
        await server.WaitForAsync("select sync_state from pg_stat_replication", "sync", Token);

        var commit = server.QueryAsync("create table t (a int)", Token);
        var end = start;
        while (await receiver.ReadAsync(Token) is { } message)
        {
            if (message.Kind == WalMessageKind.Data)
                end = message.End;
            var isWaiting = await server.ScalarAsync(
                "select count(*) from pg_stat_activity where wait_event = 'SyncRep'",
                Token
            );
            if (isWaiting == "1")
                break;
        }
        Assert.False(commit.IsCompleted);
        await receiver.SendStatusAsync(end, end, end, replyRequested: false, Token);
        await Eventually.HoldsAsync(
            () => "the commit still waits",
            async () =>
            {
                if (receiver.TryRead(out var more) && more.Kind == WalMessageKind.Data)
                    await receiver.SendStatusAsync(more.End, more.End, more.End, replyRequested: false, Token);
                return commit.IsCompleted;
            },
            Token
        );
        await commit;
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task The_stream_ends_where_the_timeline_ends(int major)
    {
        await using var primary = await PostgresServer.StartAsync(major, null, Token);
        await using var standby = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { StandbyOf = primary },
            Token
        );
        await primary.QueryAsync("create table t as select generate_series(1, 1000)", Token);
        await standby.WaitForAsync("select to_regclass('t') is not null", "t", Token);
        await using var connection = await standby.OpenReplicationAsync(Token);
        var start = SegmentStart((await connection.IdentifySystemAsync(Token)).FlushLsn);
        using var receiver = await connection.StartReplicationAsync(null, 1, start, Token);
        Assert.NotNull(await receiver.ReadAsync(Token));

        await standby.PromoteAsync(Token);
        var end = start;
        while (await receiver.ReadAsync(Token) is { } message)
        {
            if (message.Kind == WalMessageKind.Data)
                end = message.End;
        }
        var next = await receiver.FinishAsync(Token);

        Assert.Equal((2u, end), next);
        Assert.Equal(2u, (await connection.IdentifySystemAsync(Token)).Timeline);
        var history = await connection.TimelineHistoryAsync(2, Token);
        Assert.Equal("00000002.history", history?.FileName);
        var file = Path.Combine(standby.DataDirectory, "pg_wal", "00000002.history");
        Assert.Equal(await File.ReadAllBytesAsync(file, Token), history?.Content);

        using var nothing = await connection.StartReplicationAsync(null, 1, end, Token);
        Assert.Null(await nothing.ReadAsync(Token));
        Assert.Equal((2u, end), await nothing.FinishAsync(Token));

        await standby.QueryAsync("create table u (a int)", Token);
        using var following = await connection.StartReplicationAsync(null, 2, SegmentStart(end), Token);
        Assert.Equal(WalMessageKind.Data, (await following.ReadAsync(Token))?.Kind);
    }

    [Fact]
    public async Task A_read_that_was_cancelled_loses_nothing()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);
        await server.QueryAsync("create table t (a int)", Token);
        var start = SegmentStart((await connection.IdentifySystemAsync(Token)).FlushLsn);
        using var receiver = await connection.StartReplicationAsync(null, 1, start, Token);
        var first = await ReadUntilAsync(receiver, start, await FlushedAsync(server));
        while (receiver.TryRead(out _)) { }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = receiver.ReadAsync(limit.Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);

        await server.QueryAsync("insert into t select generate_series(1, 10000)", Token);
        var from = start + (ulong)first.Length;
        var rest = await ReadUntilAsync(receiver, from, await FlushedAsync(server));
        byte[] received = [.. first, .. rest];
        Assert.Equal(await ReadWalAsync(server, 1, start, received.Length), received);
    }

    [Fact]
    public async Task A_server_that_shuts_down_ends_the_stream_with_a_reason()
    {
        await using var server = await PostgresServer.StartAsync(15, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);
        var start = (await connection.IdentifySystemAsync(Token)).FlushLsn;
        using var receiver = await connection.StartReplicationAsync(null, 1, start, Token);

        var stopping = server.StopAsync(StopMode.Fast, Token);
        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
        {
            while (await receiver.ReadAsync(Token) is { } message)
            {
                var end = message.Kind == WalMessageKind.Data ? message.End : message.ServerEnd;
                await receiver.SendStatusAsync(end, end, end, replyRequested: false, Token);
            }
        });
        await stopping;

        Assert.Equal(("postgres-not-ready", Remedy.Retry), (failure.Problem.Code, failure.Problem.Remedy));
    }

    private static Lsn SegmentStart(Lsn position) => new(position.Value / SegmentBytes * SegmentBytes);

    private static async Task<Lsn> FlushedAsync(PostgresServer server) =>
        Lsn.Parse(await server.ScalarAsync("select pg_current_wal_flush_lsn()", Token));

    private static async Task<byte[]> ReadUntilAsync(WalReceiver receiver, Lsn start, Lsn end)
    {
        using var received = new MemoryStream();
        while (start + (ulong)received.Length < end && await receiver.ReadAsync(Token) is { } message)
        {
            if (message.Kind == WalMessageKind.Keepalive)
                continue;
            Assert.Equal(start + (ulong)received.Length, message.Start);
            received.Write(message.Bytes.Span);
        }
        return received.ToArray();
    }

    private static async Task<byte[]> ReadWalAsync(PostgresServer server, uint timeline, Lsn start, int lengthBytes)
    {
        var number = start.Value / SegmentBytes;
        var perId = (1ul << 32) / SegmentBytes;
        var file = $"{timeline:X8}{number / perId:X8}{number % perId:X8}";
        var segment = await File.ReadAllBytesAsync(Path.Combine(server.DataDirectory, "pg_wal", file), Token);
        return segment[..lengthBytes];
    }
}
