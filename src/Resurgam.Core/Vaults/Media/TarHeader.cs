using System.Globalization;
using System.Text;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Media;

/// <summary>Headers of tar as POSIX has them (ustar, with pax records): volumes are read by stock tar, too.</summary>
/// <param name="Type"><c>0</c> a file, <c>x</c> pax records of the member that follows.</param>
internal readonly record struct TarHeader(string Name, long LengthBytes, char Type)
{
    public const int BlockBytes = 512;
    public const char FileType = '0';
    public const char PaxType = 'x';

    private const int NameBytes = 100;
    private const int PrefixBytes = 155;
    private const int SumAt = 148;
    private const int MagicAt = 257;

    private static ReadOnlySpan<byte> Magic => "ustar\0"u8;

    public static long Padded(long lengthBytes) => (lengthBytes + BlockBytes - 1) / BlockBytes * BlockBytes;

    /// <param name="block">512 bytes.</param>
    /// <param name="at">When it was written, for people.</param>
    public void Write(Span<byte> block, DateTimeOffset at)
    {
        block.Clear();
        var (prefix, name) = Split(Name);
        Encoding.ASCII.GetBytes(name, block[..NameBytes]);
        WriteOctal(block.Slice(100, 8), Type == PaxType ? 0x1A4 : 0x100); // 0644, 0400
        WriteOctal(block.Slice(108, 8), 0);
        WriteOctal(block.Slice(116, 8), 0);
        WriteOctal(block.Slice(124, 12), LengthBytes);
        WriteOctal(block.Slice(136, 12), at.ToUnixTimeSeconds());
        block.Slice(SumAt, 8).Fill((byte)' ');
        block[156] = (byte)Type;
        Magic.CopyTo(block[MagicAt..]);
        "00"u8.CopyTo(block[263..]);
        Encoding.ASCII.GetBytes(prefix, block.Slice(345, PrefixBytes));
        WriteOctal(block.Slice(SumAt, 7), SumOf(block));
        block[SumAt + 7] = (byte)' ';
    }

    /// <returns>False for anything that is no header, or not as it was written: its own checksum tells.</returns>
    public static bool TryRead(ReadOnlySpan<byte> block, out TarHeader header)
    {
        header = default;
        if (
            !block[MagicAt..].StartsWith(Magic)
            || !TryOctal(block.Slice(SumAt, 8), out var sum)
            || sum != SumOf(block)
            || !TryOctal(block.Slice(124, 12), out var length)
        )
            return false;
        var name = TextOf(block[..NameBytes]);
        var prefix = TextOf(block.Slice(345, PrefixBytes));
        header = new TarHeader(prefix.Length > 0 ? $"{prefix}/{name}" : name, length, (char)block[156]);
        return true;
    }

    private static (string Prefix, string Name) Split(string path)
    {
        if (path.Length <= NameBytes)
            return ("", path);
        var at = path.LastIndexOf('/', Math.Min(path.Length - 1, PrefixBytes));
        Require.That(at > 0 && path.Length - at - 1 <= NameBytes, "a key of a vault fits into a tar header");
        return (path[..at], path[(at + 1)..]);
    }

    /// <summary>Of all bytes, with spaces where the sum itself stands.</summary>
    private static int SumOf(ReadOnlySpan<byte> block)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < block.Length; i++)
            if (i is < SumAt or >= SumAt + 8)
                sum += block[i];
        return sum;
    }

    private static void WriteOctal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
        Require.That(value == 0, "a number fits into its field of a tar header");
        field[^1] = 0;
    }

    private static bool TryOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var digits = field.Trim(" \0"u8);
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return false;
            value = (value << 3) + (digit - '0');
        }
        return digits.Length > 0;
    }

    private static string TextOf(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? field : field[..end]);
    }
}

/// <summary>The pax record that carries a member's SHA-256: as a comment, of which stock tar makes nothing.</summary>
internal static class TarDigest
{
    /// <summary><c>83 comment=sha256:</c>, 64 digits and a line break.</summary>
    public const int LengthBytes = 83;

    private const string Start = "83 comment=sha256:";

    public static byte[] Write(BlobId digest) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Start}{digest.Hex}\n"));

    public static bool TryRead(ReadOnlySpan<byte> records, out BlobId digest)
    {
        digest = default;
        return records.Length == LengthBytes
            && records.StartsWith(Encoding.ASCII.GetBytes(Start))
            && BlobId.TryParse(Encoding.ASCII.GetString(records[Start.Length..^1]), out digest);
    }
}
