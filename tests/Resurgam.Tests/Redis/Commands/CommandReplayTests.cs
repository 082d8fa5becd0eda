using System.Globalization;
using System.Text;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis;
using Resurgam.Core.Redis.Commands;

namespace Resurgam.Tests.Redis.Commands;

public sealed class CommandReplayTests
{
    [Fact]
    public void What_only_keeps_a_connection_alive_is_left_out()
    {
        var (replay, text) = Replay(
            Command("SELECT", "3") + Command("PING") + Command("SET", "a", "1") + Command("REPLCONF", "GETACK", "*")
        );

        Assert.Equal(Command("SELECT", "3") + Command("SET", "a", "1"), text);
        Assert.Equal((1, 3), (replay.Commands, replay.HighestDatabase));
        Assert.Equal(replay.BytesRead, replay.SafeBytesRead);
    }

    [Fact]
    public void Half_a_transaction_is_cut_off_with_its_beginning()
    {
        var whole = Command("SET", "a", "1");
        var (replay, text) = Replay(whole + Command("MULTI") + Command("SET", "b", "2") + Command("SET", "c", "3"));

        Assert.Equal(whole, text);
        Assert.Equal((1, whole.Length), (replay.Commands, replay.SafeBytesRead));
    }

    /// <summary>However the bytes come, and wherever they end.</summary>
    [Fact]
    public void Any_cut_gives_whole_commands_and_transactions()
    {
        string[] units =
        [
            Command("SET", "key", "with\r\nlines and *3 and $5"),
            Command("MULTI") + Command("INCR", "x") + Command("DEL", "y") + Command("EXEC"),
            Command("SET", "empty", ""),
            Command("SET", "long", new string('x', 3000)),
        ];
        var all = string.Concat(units);
        Gen.Select(Gen.Int[0, all.Length], Gen.Int[1, 700])
            .Sample(
                (end, step) =>
                {
                    var (replay, text) = Replay(all[..end], step);
                    var expected = "";
                    foreach (var unit in units)
                        if (expected.Length + unit.Length <= end)
                            expected += unit;
                        else
                            break;
                    Assert.Equal(expected, text);
                    Assert.Equal(expected.Length, replay.SafeBytesRead);
                },
                iter: 300
            );
    }

    [Fact]
    public void What_are_no_commands_is_refused()
    {
        var e = Assert.Throws<ResurgamException>(() => Replay("SET a 1\r\n"));
        Assert.Equal("redis-stream-garbled", e.Problem.Code);
    }

    [Fact]
    public void A_replicas_stream_begins_in_the_database_that_its_rdb_names()
    {
        byte[] number = [.. "REDIS0010"u8, 0xFA, 14, .. "repl-stream-db"u8, 0xC0, 7, 0xFA];
        byte[] text = [.. "REDIS0010"u8, 0xFA, 14, .. "repl-stream-db"u8, 2, .. "12"u8, 0xFA];

        Assert.Equal(7, RdbBeginning.FindStreamDatabase(number));
        Assert.Equal(12, RdbBeginning.FindStreamDatabase(text));
        Assert.Equal(0, RdbBeginning.FindStreamDatabase("REDIS0010"u8));
    }

    private static (CommandReplay Replay, string Text) Replay(string commands, int step = int.MaxValue)
    {
        using MemoryStream output = new();
        CommandReplay replay = new(output);
        var bytes = Encoding.ASCII.GetBytes(commands);
        for (var at = 0; at < bytes.Length; at += Math.Min(step, bytes.Length))
            replay.Append(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
        return (replay, Encoding.ASCII.GetString(output.ToArray().AsSpan(0, (int)replay.SafeLength)));
    }

    private static string Command(params string[] words)
    {
        StringBuilder text = new(string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n"));
        foreach (var word in words)
            text.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
        return text.ToString();
    }
}
