using System.Buffers;
using System.Globalization;
using System.Text;

namespace Resurgam.Core.Vaults.Format;

/// <summary>The quoting of names in trees: Go's <c>strconv.Quote</c> without the quotes around it.</summary>
internal static class GoQuoting
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    );

    /// <param name="name">As in <see cref="FileNames"/>; a surrogate that stands for no byte becomes U+FFFD.</param>
    public static string Quote(string name)
    {
        if (!name.AsSpan().ContainsAnyExcept(Plain))
            return name;

        StringBuilder quoted = new(name.Length + 16);
        for (var rest = name.AsSpan(); !rest.IsEmpty; )
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done)
                Append(quoted, rune);
            else if (FileNames.IsEscapedByte(rest[0]))
                quoted.Append(CultureInfo.InvariantCulture, $@"\x{rest[0] - FileNames.EscapeBase:x2}");
            else
                quoted.Append('\uFFFD');
            rest = rest[length..];
        }
        return quoted.ToString();
    }

    private static void Append(StringBuilder quoted, Rune rune)
    {
        var shortForm = rune.Value switch
        {
            '\a' => @"\a",
            '\b' => @"\b",
            '\f' => @"\f",
            '\n' => @"\n",
            '\r' => @"\r",
            '\t' => @"\t",
            '\v' => @"\v",
            '"' => "\\\"",
            '\\' => @"\\",
            _ => null,
        };
        if (shortForm is not null)
            quoted.Append(shortForm);
        else if (IsPrintable(rune))
            quoted.Append(rune.ToString());
        else if (rune.Value is < ' ' or 0x7F)
            quoted.Append(CultureInfo.InvariantCulture, $@"\x{rune.Value:x2}");
        else if (rune.IsBmp)
            quoted.Append(CultureInfo.InvariantCulture, $@"\u{rune.Value:x4}");
        else
            quoted.Append(CultureInfo.InvariantCulture, $@"\U{rune.Value:x8}");
    }

    /// <summary>Go's <c>unicode.IsPrint</c>: letters, marks, numbers, punctuation, symbols and the ASCII space.</summary>
    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );

    /// <summary>Go's <c>strconv.Unquote</c>.</summary>
    /// <param name="quoted">UTF-8.</param>
    /// <param name="bytes">At least as long as <paramref name="quoted"/>.</param>
    /// <returns>Length of the raw name in <paramref name="bytes"/>, or -1 when the quoting is wrong.</returns>
    public static int Unquote(ReadOnlySpan<byte> quoted, Span<byte> bytes)
    {
        var length = 0;
        while (!quoted.IsEmpty)
        {
            if (quoted[0] is (byte)'"' or (byte)'\n')
                return -1;
            if (quoted[0] != '\\')
            {
                bytes[length++] = quoted[0];
                quoted = quoted[1..];
                continue;
            }
            if (quoted.Length < 2)
                return -1;
            var taken = UnquoteEscape(quoted[1..], bytes[length..], out var written);
            if (taken == 0)
                return -1;
            quoted = quoted[(1 + taken)..];
            length += written;
        }
        return length;
    }

    /// <param name="escape">What follows the backslash, at least one byte.</param>
    /// <param name="bytes">Takes 1 to 4 bytes.</param>
    /// <param name="written">How many it took.</param>
    /// <returns>Length of the escape without the backslash, or 0 when it is none.</returns>
    private static int UnquoteEscape(ReadOnlySpan<byte> escape, Span<byte> bytes, out int written)
    {
        written = 1;
        var (prefix, digits, numberBase) = escape[0] switch
        {
            (byte)'x' => (1, 2, 16),
            (byte)'u' => (1, 4, 16),
            (byte)'U' => (1, 8, 16),
            >= (byte)'0' and <= (byte)'7' => (0, 3, 8),
            _ => default,
        };
        if (digits == 0)
        {
            var simple = "abfnrtv\\\"".IndexOf((char)escape[0], StringComparison.Ordinal);
            if (simple < 0)
                return 0;
            bytes[0] = (byte)"\a\b\f\n\r\t\v\\\""[simple];
            return 1;
        }
        var length = prefix + digits;
        if (escape.Length < length || !TryNumber(escape[prefix..length], numberBase, out var value))
            return 0;
        if (digits < 4)
        {
            if (value > byte.MaxValue)
                return 0;
            bytes[0] = (byte)value;
            return length;
        }
        if (value > int.MaxValue || !Rune.IsValid((int)value))
            return 0;
        written = new Rune((int)value).EncodeToUtf8(bytes);
        return length;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, int numberBase, out long value)
    {
        value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiDigit((char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
            if (digit < 0 || digit >= numberBase)
                return false;
            value = value * numberBase + digit;
        }
        return true;
    }
}
