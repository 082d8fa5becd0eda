using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed class TlsTests
{
    private static readonly PostgresServerOptions WithTls = new() { Tls = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task Verify_full_with_scram_and_channel_binding_lets_us_in(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, WithTls, Token);
        var settings = Settings(
            server,
            $"sslmode=verify-full sslrootcert={server.RootCertificate} channel_binding=require"
        );

        await using var sql = await OpenAsync(settings, SessionKind.Sql);
        await using var replication = await OpenAsync(settings, SessionKind.PhysicalReplication);

        Assert.Equal("t", await sql.ScalarAsync("select ssl from pg_stat_ssl where pid = pg_backend_pid()", Token));
        Assert.Equal(1u, (await replication.IdentifySystemAsync(Token)).Timeline);
        Assert.Equal(5_000_000, (await sql.ScalarAsync("select repeat('x', 5000000)", Token))?.Length);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_base_backup_and_a_stream_come_through_tls(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, WithTls, Token);
        var settings = Settings(server, $"sslmode=verify-full sslrootcert={server.RootCertificate}");
        await using var connection = await OpenAsync(settings, SessionKind.PhysicalReplication);

        var backup = await connection.StartBaseBackupAsync(new BaseBackupOptions(), Token);
        long bytes = 0;
        var buffer = new byte[1 << 20];
        while (await backup.NextAsync(Token) is { } part)
        {
            var stream = part is BaseBackupPart.Archive archive ? archive.Tar : ((BaseBackupPart.Manifest)part).Json;
            while (await stream.ReadAsync(buffer, Token) is > 0 and var count)
                bytes += count;
        }
        using var receiver = await connection.StartReplicationAsync(null, 1, backup.EndLsn, Token);
        await server.QueryAsync("create table t as select generate_series(1, 10000)", Token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var end = backup.EndLsn;
        var target = Core.Postgres.Lsn.Parse(await server.ScalarAsync("select pg_current_wal_flush_lsn()", Token));
        while (end < target && await receiver.ReadAsync(Token) is { } message)
        {
            if (message.Kind == WalMessageKind.Data)
                (_, end) = (end == message.Start ? 0 : throw new InvalidOperationException("a gap"), message.End);
        }
        var read = receiver.ReadAsync(limit.Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);
        await server.QueryAsync("drop table t", Token);
        Assert.Equal(end, (await receiver.ReadAsync(Token))?.Start);

        Assert.True(bytes > 10_000_000);
    }

    [Fact]
    public async Task Who_the_server_is_matters()
    {
        await using var server = await PostgresServer.StartAsync(15, WithTls, Token);
        var other = Path.Combine(Path.GetDirectoryName(server.RootCertificate) ?? "", "other-root.crt");

        foreach (var mode in new[] { "verify-ca", "verify-full", "require" })
            Assert.Contains(
                "is not trusted",
                await WhatOf(server, $"sslmode={mode} sslrootcert={other}"),
                StringComparison.Ordinal
            );
        Assert.Contains(
            "is not for 'db.example'",
            await WhatOf(
                server,
                $"host=db.example hostaddr=127.0.0.1 sslmode=verify-full sslrootcert={server.RootCertificate}"
            ),
            StringComparison.Ordinal
        );
        foreach (
            var good in new[]
            {
                $"host=db.example hostaddr=127.0.0.1 sslmode=verify-ca sslrootcert={server.RootCertificate}",
                $"host=localhost hostaddr=127.0.0.1 sslmode=verify-full sslrootcert={server.RootCertificate}",
                "sslmode=require",
                "sslmode=prefer",
                "sslmode=disable",
            }
        )
        {
            await using var connection = await OpenAsync(Settings(server, good), SessionKind.Sql);
            Assert.Equal(
                good == "sslmode=disable" ? "f" : "t",
                await connection.ScalarAsync("select ssl from pg_stat_ssl where pid = pg_backend_pid()", Token)
            );
        }
    }

    [Fact]
    public async Task A_server_without_tls_is_refused_or_used_as_the_mode_says()
    {
        await using var server = await PostgresServer.StartAsync(15, new PostgresServerOptions { Tcp = true }, Token);

        Assert.Contains("offers no TLS", await WhatOf(server, "sslmode=require"), StringComparison.Ordinal);
        await using var connection = await OpenAsync(Settings(server, "sslmode=prefer"), SessionKind.Sql);
        Assert.Equal("1", await connection.ScalarAsync("select 1", Token));
        Assert.Contains(
            "without channel binding",
            await WhatOf(server, "channel_binding=require"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Prefer_falls_back_when_only_plain_connections_are_let_in()
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            WithTls with
            {
                HostRules = ["hostssl all all 127.0.0.1/32 reject"],
            },
            Token
        );

        await using var connection = await OpenAsync(Settings(server, "sslmode=prefer"), SessionKind.Sql);
        Assert.Equal(
            "f",
            await connection.ScalarAsync("select ssl from pg_stat_ssl where pid = pg_backend_pid()", Token)
        );
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            WithTls with
            {
                HostRules = ["hostssl all all 127.0.0.1/32 cert"],
            },
            Token
        );
        var folder = Path.GetDirectoryName(server.RootCertificate) ?? "";
        var files = $"sslcert={folder}/client.crt sslkey={folder}/client.key";
        var mode = $"sslmode=verify-full sslrootcert={server.RootCertificate}";

        await using var connection = await OpenAsync(Settings(server, $"{mode} {files}"), SessionKind.Sql);

        Assert.Equal(
            "/CN=postgres",
            await connection.ScalarAsync("select client_dn from pg_stat_ssl where pid = pg_backend_pid()", Token)
        );
        Assert.Equal("postgres-access-denied", await CodeOf(server, mode));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode($"{folder}/client.key", UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal("postgres-tls-file", await CodeOf(server, $"{mode} {files}"));
    }

    private static ConnectionSettings Settings(PostgresServer server, string more) =>
        ConnectionSettings.Parse(
            $"{server.TcpConnectionString} {more}",
            name => name == "PGPASSWORD" ? PostgresServer.Password : null
        );

    private static Task<PostgresConnection> OpenAsync(ConnectionSettings settings, SessionKind kind) =>
        PostgresConnection.OpenAsync(settings, kind, TimeProvider.System, Token);

    private static async Task<Problem> ProblemOf(PostgresServer server, string more)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
        {
            await using var connection = await OpenAsync(Settings(server, more), SessionKind.Sql);
        });
        return failure.Problem;
    }

    private static async Task<string> WhatOf(PostgresServer server, string more) =>
        (await ProblemOf(server, more)).What;

    private static async Task<string> CodeOf(PostgresServer server, string more) =>
        (await ProblemOf(server, more)).Code;
}
