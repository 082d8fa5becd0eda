using Resurgam.Core.Postgres;

namespace Resurgam.Tests.Postgres;

public sealed class GlobalStatementsTests
{
    private const string Globals = """
        --
        -- PostgreSQL database cluster dump; it isn't "code"
        --
        \restrict abc
        SET client_encoding = 'UTF8';
        CREATE ROLE app;
        ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'SCRAM NOSUPERUSER; x';
        CREATE ROLE "odd ""one"";";
        ALTER ROLE "odd ""one"";" WITH SUPERUSER;
        CREATE ROLE postgres;
        COMMENT ON ROLE app IS 'a
        b';
        ALTER ROLE app SET search_path TO 'x', 'y';
        GRANT app TO "odd ""one"";" WITH ADMIN OPTION GRANTED BY postgres;
        GRANT app TO postgres;
        CREATE TABLESPACE fast OWNER app LOCATION '/fast';
        """;

    [Fact]
    public void Only_the_wanted_roles_are_made_and_nothing_is_said_that_needs_a_superuser_for_nothing() =>
        Assert.Equal(
            [
                "CREATE ROLE app",
                "ALTER ROLE app WITH INHERIT NOCREATEROLE CREATEDB LOGIN PASSWORD 'SCRAM NOSUPERUSER; x'",
                "COMMENT ON ROLE app IS 'a\nb'",
                "ALTER ROLE app SET search_path TO 'x', 'y'",
                "GRANT app TO \"odd \"\"one\"\";\" WITH ADMIN OPTION",
                "GRANT app TO postgres",
            ],
            GlobalStatements.For(Globals, new HashSet<string> { "app" })
        );

    [Fact]
    public void A_name_in_quotes_is_a_name() =>
        Assert.Equal(
            [
                "CREATE ROLE \"odd \"\"one\"\";\"",
                "ALTER ROLE \"odd \"\"one\"\";\" WITH SUPERUSER",
                "GRANT app TO \"odd \"\"one\"\";\" WITH ADMIN OPTION",
            ],
            GlobalStatements.For(Globals, new HashSet<string> { "odd \"one\";" })
        );

    [Fact]
    public void Nothing_is_made_when_nothing_is_missing() =>
        Assert.Empty(GlobalStatements.For(Globals, new HashSet<string>()));
}
