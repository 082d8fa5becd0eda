using System.Globalization;
using System.Text;

namespace Resurgam.Adapters.Dns;

/// <summary>The strings of a TXT record in the form of zone files: <c>"first" "second"</c>.</summary>
/// <remarks>RFC 1035, sections 3.3.14 and 5.1. Where one string ends and the next begins is part of the record.</remarks>
internal static class TextStrings
{
    private const int LongestString = 255;

    public static string Format(IEnumerable<byte[]> strings) => string.Join(' ', strings.Select(Quote));

    /// <param name="text">In quotes as above, or plain: then cut where it is too long.</param>
    /// <returns>Null when it is neither.</returns>
    public static IReadOnlyList<byte[]>? TryParse(string text)
    {
        if (!text.StartsWith('"'))
            return Ascii.IsValid(text)
                ? [.. Encoding.ASCII.GetBytes(text).Chunk(LongestString).DefaultIfEmpty([])]
                : null;
        List<byte[]> strings = [];
        for (var at = 0; at < text.Length; )
        {
            if (TryParseOne(text, at) is not var (bytes, behind) || bytes.Length > LongestString)
                return null;
            strings.Add(bytes);
            at = behind;
            while (at < text.Length && text[at] == ' ')
                at++;
        }
        return strings;
    }

    private static (byte[] Bytes, int Behind)? TryParseOne(string text, int start)
    {
        if (text[start] != '"')
            return null;
        List<byte> bytes = [];
        for (var at = start + 1; at < text.Length; at++)
        {
            if (text[at] == '"')
                return ([.. bytes], at + 1);
            if (text[at] != '\\')
            {
                if (!char.IsAscii(text[at]))
                    return null;
                bytes.Add((byte)text[at]);
            }
            else if (
                at + 3 < text.Length
                && byte.TryParse(text.AsSpan(at + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            )
            {
                bytes.Add(value);
                at += 3;
            }
            else if (at + 1 < text.Length && text[at + 1] is '"' or '\\')
                bytes.Add((byte)text[++at]);
            else
                return null;
        }
        return null;
    }

    private static string Quote(byte[] bytes)
    {
        StringBuilder text = new("\"");
        foreach (var each in bytes)
            if (each is (byte)'"' or (byte)'\\')
                text.Append('\\').Append((char)each);
            else if (each is >= (byte)' ' and <= (byte)'~')
                text.Append((char)each);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\{each:000}");
        return text.Append('"').ToString();
    }
}
