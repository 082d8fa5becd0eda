using System.Net;
using System.Net.Sockets;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed class AuthenticationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task Every_method_takes_the_right_password_and_no_other(int major)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions
            {
                Tcp = true,
                HostRules =
                [
                    "local all old md5",
                    "local all clear password",
                    "host all clear 127.0.0.1/32 password",
                    "local all modern scram-sha-256",
                    "local all accents scram-sha-256",
                    "local all barred reject",
                ],
            },
            Token
        );
        await server.QueryAsync(
            "create role barred login; create role clear login password 'geheim'; create role modern login password 'geheim';"
                + "create role accents login password 'pässwörd ☃'; set password_encryption = 'md5';"
                + "create role old login password 'geheim'",
            Token
        );

        foreach (var user in new[] { "old", "clear", "modern" })
        {
            Assert.Null(await CodeOf(server.Settings with { User = user, Password = PasswordSource.Of("geheim") }));
            Assert.Equal(
                "postgres-auth-failed",
                await CodeOf(server.Settings with { User = user, Password = PasswordSource.Of("falsch") })
            );
            Assert.Equal("postgres-password-missing", await CodeOf(server.Settings with { User = user }));
        }
        Assert.Null(
            await CodeOf(server.Settings with { User = "accents", Password = PasswordSource.Of("pässwörd ☃") })
        );
        Assert.Equal("postgres-access-denied", await CodeOf(server.Settings with { User = "barred" }));
        var tcp = ConnectionSettings.Parse(server.TcpConnectionString, PostgresServer.NoEnvironment);
        Assert.Equal(
            "postgres-auth-unsupported",
            await CodeOf(tcp with { User = "clear", Password = PasswordSource.Of("geheim") })
        );
    }

    [Fact]
    public async Task A_password_file_is_read_for_sql_and_for_replication()
    {
        await using var server = await PostgresServer.StartAsync(15, new PostgresServerOptions { Tcp = true }, Token);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            $"# comment\nother:*:*:*:no\n127.0.0.1:{server.Port}:postgres:postgres:{PostgresServer.Password}\n"
                + $"127.0.0.1:*:replication:*:{PostgresServer.Password}\n",
            Token
        );
        var settings = ConnectionSettings.Parse(
            $"{server.TcpConnectionString} passfile={file}",
            PostgresServer.NoEnvironment
        );

        Assert.Null(await CodeOf(settings));
        Assert.Null(await CodeOf(settings with { Database = "other" }, SessionKind.PhysicalReplication));
        Assert.Equal("postgres-password-missing", await CodeOf(settings with { Database = "template1" }));
        File.Delete(file);
    }

    [Fact]
    public async Task What_keeps_us_out_has_a_name_and_a_remedy()
    {
        await using var server = await PostgresServer.StartAsync(
            15,
            new PostgresServerOptions
            {
                Settings = ["max_connections = 4", "superuser_reserved_connections = 0", "max_wal_senders = 1"],
            },
            Token
        );
        var settings = server.Settings;

        Assert.Equal("postgres-no-database", await CodeOf(settings with { Database = "nowhere" }));
        Assert.Equal("postgres-access-denied", await CodeOf(settings with { User = "nobody" }));
        Assert.Equal("postgres-unreachable", await CodeOf(settings with { Port = settings.Port == 1 ? 2 : 1 }));
        Assert.Equal("postgres-unreachable", await CodeOf(settings with { Host = "no-such-host.invalid" }));
        await using (await server.OpenReplicationAsync(Token))
            Assert.Equal("postgres-wal-senders", await CodeOf(settings, SessionKind.PhysicalReplication));
        await using var first = await server.OpenAsync(Token);
        await using var second = await server.OpenAsync(Token);
        await using var third = await server.OpenAsync(Token);
        await using var fourth = await server.OpenAsync(Token);
        Assert.Equal("postgres-too-many-connections", await CodeOf(settings));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var settings = ConnectionSettings.Parse(
            $"host=127.0.0.1 port={port} user=postgres connect_timeout=1",
            PostgresServer.NoEnvironment
        );

        Assert.Equal("postgres-unreachable", await CodeOf(settings));
    }

    private static async Task<string?> CodeOf(ConnectionSettings settings, SessionKind kind = SessionKind.Sql)
    {
        try
        {
            await using var connection = await PostgresConnection.OpenAsync(settings, kind, TimeProvider.System, Token);
            return null;
        }
        catch (ResurgamException failure)
        {
            return failure.Problem.Code;
        }
    }
}
