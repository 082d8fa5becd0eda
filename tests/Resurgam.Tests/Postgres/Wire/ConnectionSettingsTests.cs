using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Postgres.Wire;

public sealed class ConnectionSettingsTests
{
    [Theory]
    [InlineData("host=db user=u dbname=d", "db", 5432, "u", "d")]
    [InlineData("  host = db  user\t=\nu dbname='my base' port= 6000 ", "db", 6000, "u", "my base")]
    [InlineData(@"host=db user='o\'brien' dbname=back\\slash", "db", 5432, "o'brien", @"back\slash")]
    [InlineData("host=db user=first user=second dbname=''", "db", 5432, "second", "second")]
    [InlineData(@"host=a\ b user=u", "a b", 5432, "u", "u")]
    [InlineData("postgresql://u@db:6000/d", "db", 6000, "u", "d")]
    [InlineData("postgres://db?user=u", "db", 5432, "u", "u")]
    [InlineData("postgresql://u@[::1]:6000/d", "::1", 6000, "u", "d")]
    [InlineData("postgresql://u@%2Fvar%2Frun/my%20base", "/var/run", 5432, "u", "my base")]
    [InlineData("postgresql:///d?host=/var/run&user=u&port=6000", "/var/run", 6000, "u", "d")]
    public void Both_syntaxes_of_libpq_are_read(string conninfo, string host, int port, string user, string database)
    {
        var settings = ConnectionSettings.Parse(conninfo, Nothing);

        Assert.Equal((host, port, user, database), (settings.Host, settings.Port, settings.User, settings.Database));
        Assert.Equal(host.StartsWith('/'), settings.IsUnixSocket);
    }

    [Fact]
    public void The_environment_stands_in_for_what_is_not_said()
    {
        var settings = ConnectionSettings.Parse(
            "user=mine dbname=''",
            name =>
                name switch
                {
                    "PGHOST" => "envhost",
                    "PGPORT" => "6001",
                    "PGUSER" => "theirs",
                    "PGDATABASE" => "envbase",
                    "PGSSLMODE" => "require",
                    "PGAPPNAME" => "drill",
                    "PGCONNECT_TIMEOUT" => "7",
                    "PGPASSWORD" => "geheim",
                    _ => null,
                }
        );

        Assert.Equal(
            ("envhost", 6001, "mine", "mine"),
            (settings.Host, settings.Port, settings.User, settings.Database)
        );
        Assert.Equal((SslMode.Require, "drill"), (settings.SslMode, settings.ApplicationName));
        Assert.Equal(TimeSpan.FromSeconds(7), settings.ConnectTimeout);
        Assert.Equal("geheim", settings.Password.Find(settings, SessionKind.Sql));
        Assert.DoesNotContain("geheim", $"{settings} {settings.Password}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_says_has_libpqs_defaults()
    {
        var settings = ConnectionSettings.Parse("", Nothing);

        Assert.StartsWith("/", settings.Host, StringComparison.Ordinal);
        Assert.Equal(Environment.UserName, settings.User);
        Assert.Equal(settings.User, settings.Database);
        Assert.Equal(SslMode.Prefer, settings.SslMode);
        Assert.Equal("resurgam", settings.ApplicationName);
    }

    [Theory]
    [InlineData("host=db hots=typo", "unknown keyword 'hots'")]
    [InlineData("host", "lacks '='")]
    [InlineData("host=db user", "lacks '='")]
    [InlineData("host='db", "the quote around the value of 'host' has no end")]
    [InlineData("port=0", "port '0' is not a number from 1 to 65535")]
    [InlineData("port=many", "port 'many'")]
    [InlineData("host=a,b", "several hosts")]
    [InlineData("sslmode=allow", "sslmode 'allow' is not supported")]
    [InlineData("sslmode=verify-full", "without root certificates")]
    [InlineData("sslrootcert=system sslmode=require", "weak sslmode")]
    [InlineData("channel_binding=maybe", "channel_binding 'maybe'")]
    [InlineData("postgresql://[::1", "has no ']'")]
    [InlineData("postgresql://db/%zz", "'%'")]
    [InlineData("postgresql://db/?host", "lacks '='")]
    [InlineData("keepalives=2", "keepalives '2'")]
    public void What_is_wrong_is_named(string conninfo, string what)
    {
        var failure = Assert.Throws<ResurgamException>(() => ConnectionSettings.Parse(conninfo, Nothing));

        Assert.Contains(what, failure.Problem.What, StringComparison.Ordinal);
        Assert.Equal(("postgres-conninfo-invalid", Remedy.Fix), (failure.Problem.Code, failure.Problem.Remedy));
    }

    [Theory]
    [InlineData("host=db password=geheim")]
    [InlineData("postgresql://u:geheim@db/d")]
    [InlineData("postgresql://db/d?password=geheim")]
    [InlineData("sslpassword=geheim")]
    public void A_password_is_refused_and_not_repeated(string conninfo)
    {
        var failure = Assert.Throws<ResurgamException>(() => ConnectionSettings.Parse(conninfo, Nothing));

        Assert.Equal("postgres-password-in-plan", failure.Problem.Code);
        Assert.DoesNotContain("geheim", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hots=x password=geheim")]
    [InlineData("password geheim")]
    [InlineData("password='geheim")]
    public void A_password_in_a_broken_string_is_not_repeated_either(string conninfo)
    {
        var failure = Assert.Throws<ResurgamException>(() => ConnectionSettings.Parse(conninfo, Nothing));

        Assert.DoesNotContain("geheim", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void System_roots_mean_verify_full() =>
        Assert.Equal(SslMode.VerifyFull, ConnectionSettings.Parse("sslrootcert=system", Nothing).SslMode);

    [Fact]
    public void Keepalive_is_on_and_quicker_than_the_systems()
    {
        Assert.True(ConnectionSettings.Parse("", Nothing).Keepalive.IsOn);
        var set = ConnectionSettings
            .Parse("keepalives_idle=5 keepalives_interval=2 keepalives_count=4 tcp_user_timeout=9000", Nothing)
            .Keepalive;
        Assert.Equal(
            (5, 2, 4, 9),
            (set.Idle.TotalSeconds, set.Interval.TotalSeconds, set.Count, set.UserTimeout.TotalSeconds)
        );
        Assert.False(ConnectionSettings.Parse("keepalives=0", Nothing).Keepalive.IsOn);
    }

    private static string? Nothing(string name) => null;
}
