using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Postgres.Wire;

public sealed class PasswordSourceTests : IDisposable
{
    private static readonly ConnectionSettings Settings = new()
    {
        Host = "db",
        User = "me",
        Database = "shop",
    };

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("db:5432:shop:me:right", "right")]
    [InlineData("*:*:*:*:right", "right")]
    [InlineData("db:5432:shop:you:wrong\ndb:*:shop:me:right\n*:*:*:*:late", "right")]
    [InlineData("# db:5432:shop:me:wrong\n\ndb:5432:shop:me:right", "right")]
    [InlineData(@"db:5432:shop:me:a\:b\\c", @"a:b\c")]
    [InlineData("db:5432:shop:me:a:b", "a:b")]
    [InlineData(@"\*:5432:shop:me:wrong", null)]
    [InlineData("db:5433:shop:me:wrong", null)]
    [InlineData("db:5432:replication:me:wrong", null)]
    [InlineData("db:5432:shop:me", null)]
    public void The_first_line_that_fits_has_the_password(string lines, string? password)
    {
        File.WriteAllText(_file, lines);

        Assert.Equal(password, PasswordSource.File(_file).Find(Settings, SessionKind.Sql));
    }

    [Fact]
    public void A_replication_connection_goes_by_the_database_replication()
    {
        File.WriteAllText(_file, "*:*:replication:*:right");

        Assert.Equal("right", PasswordSource.File(_file).Find(Settings, SessionKind.PhysicalReplication));
    }

    [Fact]
    public void The_usual_socket_goes_by_the_name_localhost()
    {
        File.WriteAllText(_file, "localhost:*:*:*:right");

        var settings = Settings with { Host = "/var/run/postgresql" };
        Assert.Equal("right", PasswordSource.File(_file).Find(settings, SessionKind.Sql));
        Assert.Null(PasswordSource.File(_file).Find(Settings with { Host = "/srv" }, SessionKind.Sql));
    }

    [Fact]
    public void A_file_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes here");
        File.WriteAllText(_file, "*:*:*:*:geheim");
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var failure = Assert.Throws<ResurgamException>(() =>
            PasswordSource.File(_file).Find(Settings, SessionKind.Sql)
        );

        Assert.Equal("postgres-password-file", failure.Problem.Code);
        Assert.DoesNotContain("geheim", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_absent_file_has_no_password() =>
        Assert.Null(PasswordSource.File("/no/such/file").Find(Settings, SessionKind.Sql));
}
