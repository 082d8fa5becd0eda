using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.Tests.Postgres.Wire;

public sealed class ScramVerifierTests
{
    /// <summary>Password and salt of the example in RFC 7677.</summary>
    private const string Known =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    [Fact]
    public void A_verifier_is_as_the_server_makes_it() =>
        Assert.Equal(Known, ScramVerifier.Of("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==")));

    [Theory]
    [InlineData(Known, "pencil", true)]
    [InlineData(Known, "pencils", false)]
    [InlineData("md5c4ca4238a0b923820dcc509a6f75849b", "pencil", false)]
    [InlineData("SCRAM-SHA-256$0:W22ZaJ0SNY7soEsUEjb6gQ==$a:b", "pencil", false)]
    [InlineData("SCRAM-SHA-256$4096:?$a:b", "pencil", false)]
    public void Only_the_password_that_it_was_made_of_fits(string verifier, string password, bool fits) =>
        Assert.Equal(fits, ScramVerifier.Fits(verifier, password));
}
