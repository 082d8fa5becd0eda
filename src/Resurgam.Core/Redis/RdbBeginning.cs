using System.Globalization;
using System.Text;

namespace Resurgam.Core.Redis;

/// <summary>What the first bytes of an RDB tell before any key.</summary>
public static class RdbBeginning
{
    /// <summary>All that comes before the first key fits in there.</summary>
    public const int SizeBytes = 4096;

    private const byte Number8 = 0xC0; // an integer of one byte, in place of a text's length
    private const byte Number16 = 0xC1;

    /// <summary>The database that the next command of the stream is for, when it does not begin with SELECT (<c>repl-stream-db</c>).</summary>
    public static long FindStreamDatabase(ReadOnlySpan<byte> beginning)
    {
        var at = beginning.IndexOf("repl-stream-db"u8);
        if (at < 0)
            return 0;
        var value = beginning[(at + "repl-stream-db".Length)..];
        return value switch
        {
            [Number8, var number, ..] => number,
            [Number16, var low, var high, ..] => low | (high << 8),
            [var length and > 0 and < 10, .. var text] when text.Length >= length => long.TryParse(
                Encoding.ASCII.GetString(text[..length]),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var number
            )
                ? number
                : 0,
            _ => 0,
        };
    }
}
