using System.Buffers;
using System.Text;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// File names as strings, whatever bytes they have: a byte that is not UTF-8 becomes a lone surrogate U+DC80 to U+DCFF.
/// </summary>
/// <remarks>So every Linux name survives bytes to string to bytes. Source: PEP 383 ("surrogateescape").</remarks>
public static class FileNames
{
    /// <summary>What is added to a byte of 0x80 and above.</summary>
    internal const char EscapeBase = '\uDC00';

    /// <exception cref="Problems.ResurgamException">The name has a surrogate that stands for no byte.</exception>
    public static byte[] Encode(string name)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(name.Length)];
        var length = 0;
        for (var rest = name.AsSpan(); !rest.IsEmpty; )
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var taken) == OperationStatus.Done)
                length += rune.EncodeToUtf8(bytes.AsSpan(length));
            else if (IsEscapedByte(rest[0]))
                bytes[length++] = (byte)(rest[0] - EscapeBase);
            else
                throw FormatProblems.NodeRefused(name, $"U+{(int)rest[0]:X4} alone stands for no byte");
            rest = rest[taken..];
        }
        return bytes[..length];
    }

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);

        StringBuilder name = new(bytes.Length);
        Span<char> chars = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var taken) == OperationStatus.Done)
                name.Append(chars[..rune.EncodeToUtf16(chars)]);
            else
                foreach (var b in bytes[..taken])
                    name.Append((char)(EscapeBase + b));
            bytes = bytes[taken..];
        }
        return name.ToString();
    }

    /// <summary>A name or a path for people: what no terminal should be sent, and what is no text, stands as in Go's quotes.</summary>
    /// <returns><c>a\nb</c> for a line break, <c>\xff</c> for a byte that is not UTF-8.</returns>
    public static string ToPrintable(string name) => GoQuoting.Quote(name);

    /// <summary>Compares the encoded names byte by byte, which is the order of the nodes in a tree.</summary>
    public static int CompareBytes(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
            return a.Length.CompareTo(b.Length);
        // UTF-16 and UTF-8 order the same way except around surrogates.
        return char.IsSurrogate(a[same]) || char.IsSurrogate(b[same])
            ? Encode(a).AsSpan().SequenceCompareTo(Encode(b))
            : a[same].CompareTo(b[same]);
    }

    /// <exception cref="Problems.ResurgamException">The name has a surrogate that stands for no byte.</exception>
    internal static void RequireEncodable(string name)
    {
        if (name.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            Encode(name);
    }

    internal static bool IsEscapedByte(char c) => c is >= '\uDC80' and <= '\uDCFF';

    /// <returns>Null when a directory may hold the name, else why not.</returns>
    internal static string? WhyNotAName(string name) =>
        name switch
        {
            "" => "a name is empty",
            "." or ".." => $"'{name}' is a path, not a name",
            _ when name.Contains('/', StringComparison.Ordinal) => $"'{GoQuoting.Quote(name)}' has a slash",
            _ when name.Contains('\0', StringComparison.Ordinal) => $"'{GoQuoting.Quote(name)}' has a zero byte",
            _ => null,
        };
}
