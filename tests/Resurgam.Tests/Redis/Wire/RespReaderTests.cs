using System.Text;
using Microsoft.Extensions.Time.Testing;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;
using Resurgam.Tests.Postgres.Wire;

namespace Resurgam.Tests.Redis.Wire;

public sealed class RespReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_are_read_in_any_pieces()
    {
        const string said = "\n\n+OK\r\n:-5\r\n$3\r\na\nb\r\n$-1\r\n*2\r\n*0\r\n$0\r\n\r\n-ERR no\r\n";
        for (var piece = 1; piece < said.Length; piece++)
        {
            var reader = Reader(said, piece);
            Assert.Equal(new RespValue.Line("OK"), await reader.ReadAsync(Token));
            Assert.Equal(new RespValue.Number(-5), await reader.ReadAsync(Token));
            Assert.Equal("a\nb", (await reader.ReadAsync(Token)).AsText);
            Assert.Equal(new RespValue.Bytes(null), await reader.ReadAsync(Token));
            var list = Assert.IsType<RespValue.List>(await reader.ReadAsync(Token));
            Assert.Equal(2, list.Items.Count);
            Assert.Equal(new RespValue.Refusal("ERR no"), await reader.ReadAsync(Token));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400\r\n")]
    [InlineData(":many\r\n")]
    [InlineData("$99999999999\r\n")]
    [InlineData("$1\r\nab\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n")]
    public async Task What_is_no_answer_is_refused(string said) =>
        Assert.Equal("redis-protocol", await CodeAsync(Reader(said, 100).ReadAsync(Token)));

    [Fact]
    public async Task A_line_without_end_is_refused() =>
        Assert.Equal(
            "redis-protocol",
            await CodeAsync(Reader("+" + new string('x', 200_000), 65_536).ReadAsync(Token))
        );

    [Fact]
    public async Task A_server_that_goes_away_is_told() =>
        Assert.Equal("redis-connection-lost", await CodeAsync(Reader("$5\r\nab", 100).ReadAsync(Token)));

    [Fact]
    public async Task A_silent_server_is_given_up()
    {
        FakeTimeProvider time = new();
        RespReader reader = new(new SilentStream(), "the server", TimeSpan.FromSeconds(60), time);
        var reading = reader.ReadAsync(Token);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("redis-silent", await CodeAsync(reading));
    }

    private static RespReader Reader(string said, int piece) =>
        new(
            new ScriptedStream(Encoding.ASCII.GetBytes(said), _ => piece),
            "the server",
            TimeSpan.FromSeconds(60),
            new FakeTimeProvider()
        );

    private static async Task<string> CodeAsync(Task reading) =>
        (await Assert.ThrowsAsync<ResurgamException>(() => reading)).Problem.Code;

    /// <summary>Says nothing, for ever.</summary>
    private sealed class SilentStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
