namespace Resurgam.Core.Redis;

/// <summary>Unpacks texts that a server has compressed (LibLZF 3, <c>lzf_d.c</c>).</summary>
internal static class Lzf
{
    /// <summary>The most that is believed: samples are far smaller.</summary>
    private const int MostBytes = 64 << 20;

    public static byte[] Unpack(ReadOnlySpan<byte> packed, int plainBytes)
    {
        if (plainBytes > MostBytes)
            throw RedisFormatProblems.Garbled("a compressed text is too long");
        var plain = new byte[plainBytes];
        var (from, to) = (0, 0);
        while (from < packed.Length)
        {
            int control = packed[from++];
            if (control < 32) // as many bytes and one more, as they are
            {
                Need(packed.Length - from >= control + 1 && plain.Length - to >= control + 1);
                packed.Slice(from, control + 1).CopyTo(plain.AsSpan(to));
                from += control + 1;
                to += control + 1;
                continue;
            }
            var length = control >> 5;
            if (length == 7)
            {
                Need(from < packed.Length);
                length += packed[from++];
            }
            Need(from < packed.Length);
            var back = to - ((control & 0x1F) << 8) - packed[from++] - 1;
            Need(back >= 0 && plain.Length - to >= length + 2);
            for (var i = 0; i < length + 2; i++) // may overlap: what was just written is repeated
                plain[to++] = plain[back++];
        }
        Need(to == plain.Length);
        return plain;
    }

    private static void Need(bool holds)
    {
        if (!holds)
            throw RedisFormatProblems.Garbled("a compressed text does not unpack");
    }
}
