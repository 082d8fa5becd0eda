using Resurgam.Adapters.LogicalPostgres.Servers;

namespace Resurgam.Tests.LogicalPostgres;

public sealed class LoadErrorsTests
{
    private const string Known =
        "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter \"transaction_timeout\"\nCommand was: SET transaction_timeout = 0;\n";

    private const string Other =
        "pg_restore: error: could not execute query: ERROR:  role \"app\" does not exist\nCommand was: ALTER TABLE public.t OWNER TO app;\n";

    [Theory]
    [InlineData(Known + "pg_restore: warning: errors ignored on restore: 1\n", true)]
    [InlineData(
        "pg_restore: error: could not execute query: FEHLER:  unbekannter Konfigurationsparameter »transaction_timeout«\nCommand was: SET transaction_timeout = 0;\npg_restore: warning: errors ignored on restore: 1\n",
        true
    )]
    [InlineData(Known, false)] // cut off
    [InlineData(Known + Other + "pg_restore: warning: errors ignored on restore: 2\n", false)]
    [InlineData(
        Known
            + "pg_restore: error: could not read from input file: end of file\npg_restore: warning: errors ignored on restore: 1\n",
        false
    )]
    [InlineData(Other + "pg_restore: warning: errors ignored on restore: 1\n", false)]
    [InlineData("", false)]
    public void Only_the_parameter_that_an_older_server_does_not_know_is_passed_over(string error, bool isHarmless) =>
        Assert.Equal(isHarmless, LoadErrors.Read(error).IsHarmless);

    [Fact]
    public void What_is_told_is_the_other_error() =>
        Assert.Equal(
            Other.Trim(),
            LoadErrors.Read(Known + Other + "pg_restore: warning: errors ignored on restore: 2\n").Rest
        );

    [Theory]
    [InlineData(17, 15, true)]
    [InlineData(18, 16, true)]
    [InlineData(18, 17, false)]
    [InlineData(15, 15, false)]
    public void A_load_goes_on_after_errors_only_where_it_must(int tool, int server, bool goesOn) =>
        Assert.Equal(goesOn, LoadErrors.MustGoOn(tool, server));
}
