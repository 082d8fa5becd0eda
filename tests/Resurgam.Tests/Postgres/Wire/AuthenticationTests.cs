using System.Text;
using Microsoft.Extensions.Time.Testing;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Postgres.Wire;

/// <summary>Servers that no real one can be asked to be. Real ones are in the tests of the same name beside servers.</summary>
public sealed class AuthenticationTests
{
    private static readonly ConnectionSettings Settings = new()
    {
        Host = "db",
        User = "postgres",
        Database = "postgres",
        Password = PasswordSource.Of("geheim"),
    };

    private static readonly byte[] AskForScram = [.. Script.Text("SCRAM-SHA-256"), 0];

    [Fact]
    public async Task A_server_that_skips_its_proof_is_not_genuine()
    {
        var script = new Script().Add('R', Script.Int32(10), AskForScram).Add('R', Script.Int32(0)).Ready();

        Assert.Equal("postgres-server-not-genuine", await CodeOf(new ScriptedStream(script.Bytes, _ => 5)));
    }

    [Fact]
    public async Task A_server_that_guesses_its_proof_is_not_genuine()
    {
        var turn = 0;
        var stream = new ScriptedStream([], _ => int.MaxValue)
        {
            Answer = heard =>
                turn++ switch
                {
                    0 => new Script().Add('R', Script.Int32(10), AskForScram).Bytes,
                    1 => new Script().Add('R', Script.Int32(11), Challenge(heard)).Bytes,
                    _ => new Script()
                        .Add(
                            'R',
                            Script.Int32(12),
                            Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(new byte[32]))
                        )
                        .Add('R', Script.Int32(0))
                        .Ready()
                        .Bytes,
                },
        };

        Assert.Equal("postgres-server-not-genuine", await CodeOf(stream));
        Assert.Equal(3, turn);
    }

    [Fact]
    public async Task No_password_goes_out_in_clear_text_over_a_network()
    {
        var stream = new ScriptedStream(new Script().Add('R', Script.Int32(3)).Bytes, _ => int.MaxValue);

        Assert.Equal("postgres-auth-unsupported", await CodeOf(stream));
        Assert.DoesNotContain("geheim", Encoding.UTF8.GetString(stream.Heard.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(99)]
    public async Task A_method_that_we_lack_or_that_comes_out_of_turn_is_refused(int request)
    {
        var script = new Script().Add('R', Script.Int32(request), new byte[8]).Bytes;

        Assert.Equal("postgres-auth-unsupported", await CodeOf(new ScriptedStream(script, _ => int.MaxValue)));
    }

    [Fact]
    public async Task Only_unknown_mechanisms_are_refused()
    {
        var script = new Script().Add('R', Script.Int32(10), Script.Text("OAUTHBEARER"), [0]).Bytes;

        Assert.Equal("postgres-auth-unsupported", await CodeOf(new ScriptedStream(script, _ => int.MaxValue)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public async Task Required_channel_binding_takes_nothing_else(int request)
    {
        var script = new Script().Add('R', Script.Int32(request), AskForScram).Ready().Bytes;

        var code = await CodeOf(
            new ScriptedStream(script, _ => int.MaxValue),
            Settings with
            {
                ChannelBinding = ChannelBinding.Require,
            }
        );

        Assert.Equal("postgres-auth-unsupported", code);
    }

    private static byte[] Challenge(byte[] heard)
    {
        var first = Encoding.UTF8.GetString(heard);
        var nonce = first[(first.LastIndexOf("r=", StringComparison.Ordinal) + 2)..];
        return Encoding.UTF8.GetBytes($"r={nonce}more,s={Convert.ToBase64String(new byte[16])},i=4096");
    }

    private static async Task<string> CodeOf(ScriptedStream stream, ConnectionSettings? settings = null)
    {
        var transport = new Transport(stream, socket: null, isLocal: false);
        await using var session = new ProtocolSession(transport, "server", new FakeTimeProvider());
        var failure = await Assert.ThrowsAsync<ResurgamException>(() =>
            Handshake.StartAsync(
                session,
                transport,
                settings ?? Settings,
                SessionKind.Sql,
                TestContext.Current.CancellationToken
            )
        );
        return failure.Problem.Code;
    }
}
