using System.Text;
using Microsoft.Extensions.Time.Testing;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;
using Resurgam.Tests.Postgres.Wire;

namespace Resurgam.Tests.Redis.Wire;

public sealed class RdbTransferTests
{
    private static readonly string Mark = new('M', 40);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_mark_is_found_wherever_it_is_cut()
    {
        // The data hold the mark's beginning, and commands follow it.
        var data = "REDIS" + Mark[..39] + "x" + new string('d', 300);
        for (var piece = 1; piece < 120; piece++)
            Assert.Equal(data, await ReadAsync(data + Mark + "*1\r\n$4\r\nPING\r\n", $"$EOF:{Mark}", piece));
    }

    [Fact]
    public async Task A_known_length_ends_there() => Assert.Equal("12345", await ReadAsync("12345678", "$5", 3));

    [Theory]
    [InlineData("$10")]
    [InlineData("$EOF:MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM")]
    public async Task A_connection_that_ends_in_the_middle_cuts_it(string header)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => ReadAsync("123", header, 2));
        Assert.Equal("redis-transfer-cut", failure.Problem.Code);
    }

    [Theory]
    [InlineData("$EOF:short")]
    [InlineData("$-1")]
    [InlineData("+OK")]
    public async Task Another_beginning_is_refused(string header)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => ReadAsync("123", header, 2));
        Assert.Equal("redis-protocol", failure.Problem.Code);
    }

    private static async Task<string> ReadAsync(string sent, string header, int piece)
    {
        await using ScriptedStream stream = new(Encoding.ASCII.GetBytes(sent), _ => piece);
        RespReader reader = new(stream, "the server", TimeSpan.FromSeconds(60), new FakeTimeProvider());
        var transfer = RdbTransfer.Begin(reader, "the server", new ReplicationPoint("id", 1), header);
        using MemoryStream all = new();
        var buffer = new byte[64];
        for (int count; (count = await transfer.ReadAsync(buffer, Token)) > 0; )
            await all.WriteAsync(buffer.AsMemory(0, count), Token);
        return Encoding.ASCII.GetString(all.ToArray());
    }
}
