using System.Text;
using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.Tests.Postgres.Wire;

public sealed class ScramClientTests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";

    private const string ServerFirst =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    /// <summary>RFC 7677 section 3.</summary>
    [Fact]
    public void The_example_of_the_rfc_comes_out()
    {
        var scram = new ScramClient("pencil", Nonce, "n,,", binding: null) { UserName = "user" };

        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Encoding.UTF8.GetString(scram.First()));
        Assert.True(scram.TryFinal(ServerFirst, out var final));
        Assert.Equal(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            Encoding.UTF8.GetString(final)
        );
        Assert.True(scram.IsServerSignature("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    [Theory]
    [InlineData("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("v=")]
    [InlineData("e=invalid-proof")]
    [InlineData("")]
    public void A_server_that_does_not_know_the_password_is_found_out(string serverFinal)
    {
        var scram = new ScramClient("pencil", Nonce, "n,,", binding: null) { UserName = "user" };
        scram.TryFinal(ServerFirst, out _);

        Assert.False(scram.IsServerSignature(serverFinal));
    }

    [Theory]
    [InlineData("r=another-nonce-altogether,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOabc,s=*,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==")]
    [InlineData("m=ext,r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1")]
    [InlineData("")]
    public void A_malformed_challenge_is_not_answered(string serverFirst) =>
        Assert.False(new ScramClient("pencil", Nonce, "n,,", binding: null).TryFinal(serverFirst, out _));

    [Fact]
    public void A_channel_binding_is_part_of_the_proof()
    {
        var scram = new ScramClient("pencil", Nonce, ScramClient.BoundHeader, binding: [1, 2, 3]);

        Assert.True(scram.TryFinal(ServerFirst, out var final));
        var bound = Convert.ToBase64String([.. "p=tls-server-end-point,,"u8, 1, 2, 3]);
        Assert.StartsWith($"c={bound},r=", Encoding.UTF8.GetString(final), StringComparison.Ordinal);
    }

    [Fact]
    public void Md5_is_the_servers_own_double_hash() =>
        Assert.Equal("md514341e87d87ba9de84e17128c818f745", Authentication.Md5("postgres", "geheim", [1, 2, 3, 4]));

    [Theory]
    [InlineData("plain ascii ~", "plain ascii ~")]
    [InlineData("a\u00A0b\u2003c", "a b c")]
    [InlineData("so\u00ADft\uFEFF", "soft")]
    [InlineData("p\u00E4ss", "p\u00E4ss")]
    [InlineData("bell\u0007\u00E4\u00AD", "bell\u0007\u00E4\u00AD")]
    public void A_password_is_prepared_before_it_is_hashed(string typed, string hashed) =>
        Assert.Equal(hashed, SaslPrep.Prepare(typed));
}
