using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Resurgam.Core.Vaults.Chunking;

/// <summary>Cuts bytes into chunks where their content says so, so that an insertion moves few boundaries.</summary>
/// <remarks>
/// Immutable, thread-safe. The same key and bytes give the same chunks for ever: a change of this code is a change of
/// what deduplicates with existing snapshots, and a golden test holds it.
/// </remarks>
public sealed class FastCdc
{
    /// <summary>No chunk is shorter, unless it is the last.</summary>
    public const int MinBytes = 256 * 1024;

    /// <summary>Before this length a boundary is rarer, after it more frequent; chunks of random bytes come near it.</summary>
    public const int AverageBytes = 1024 * 1024;

    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>A byte has left the 64-bit hash after 64 shifts.</summary>
    private const int WindowBytes = 64;

    // Normalized chunking of level 2 around 2^20: one position in 2^22 before the average, one in 2^18 after it. The
    // test looks at the highest bits, which alone depend on the whole window.
    private const ulong StrictLimit = 1ul << (64 - 22);
    private const ulong EasyLimit = 1ul << (64 - 18);

    private readonly ulong[] _gear = new ulong[256];

    /// <param name="key">A secret of the vault's generation, 16 bytes or more.</param>
    public FastCdc(ReadOnlySpan<byte> key)
    {
        if (key.Length < 16)
            throw new ArgumentException($"a chunking key has 16 bytes or more, not {key.Length}", nameof(key));
        var bytes = new byte[_gear.Length * sizeof(ulong)];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, bytes, salt: [], info: "resurgam gear table 1"u8);
        for (var at = 0; at < _gear.Length; at++)
            _gear[at] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at * sizeof(ulong)));
    }

    /// <summary>Measures the first chunk of <paramref name="input"/>.</summary>
    /// <param name="input">Plain bytes; only the first <see cref="MaxBytes"/> are looked at.</param>
    /// <returns>
    /// Length of the chunk in bytes: 1 to <see cref="MaxBytes"/>, and under <see cref="MinBytes"/> only when
    /// <paramref name="input"/> itself is shorter. All of <paramref name="input"/> when it has no boundary: a caller that
    /// has more to come passes at least <see cref="MaxBytes"/>.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> is empty.</exception>
    /// <remarks>
    /// One pass, no allocation. Source: Xia et al., "FastCDC", USENIX ATC 2016: a gear hash with a strict limit before the
    /// average length and an easy one after it. We differ in two things. The gear table comes from a key, so that chunk
    /// lengths do not tell at a glance which public file this is (docs/adr/0003-keyed-chunking.md). And the hash is warm
    /// before the first possible boundary, so that every boundary depends on exactly the 64 bytes before it.
    /// </remarks>
    public int FirstChunkLength(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            throw new ArgumentException("nothing has no first chunk", nameof(input));
        if (input.Length <= MinBytes)
            return input.Length;

        ref var bytes = ref MemoryMarshal.GetReference(input);
        ref var gear = ref MemoryMarshal.GetArrayDataReference(_gear);
        var end = int.Min(input.Length, MaxBytes);
        var at = MinBytes - WindowBytes;
        // The limit 0 is never undercut: the window fills without a boundary.
        var hash = 0ul;
        Scan(ref bytes, ref gear, ref at, MinBytes, limit: 0, ref hash);
        if (
            Scan(ref bytes, ref gear, ref at, int.Min(end, AverageBytes), StrictLimit, ref hash)
            || Scan(ref bytes, ref gear, ref at, end, EasyLimit, ref hash)
        )
            return at;
        return end;
    }

    /// <summary>Goes on until a boundary, which lies before <paramref name="at"/> then, or until <paramref name="end"/>.</summary>
    private static bool Scan(ref byte bytes, ref ulong gear, ref int at, int end, ulong limit, ref ulong hash)
    {
        unchecked
        {
            var (h, i) = (hash, (nint)at);
            for (; i <= end - 4; i += 4)
            {
                h = (h << 1) + Unsafe.Add(ref gear, Unsafe.Add(ref bytes, i));
                if (h < limit)
                    return Cut(i + 1, out at);
                h = (h << 1) + Unsafe.Add(ref gear, Unsafe.Add(ref bytes, i + 1));
                if (h < limit)
                    return Cut(i + 2, out at);
                h = (h << 1) + Unsafe.Add(ref gear, Unsafe.Add(ref bytes, i + 2));
                if (h < limit)
                    return Cut(i + 3, out at);
                h = (h << 1) + Unsafe.Add(ref gear, Unsafe.Add(ref bytes, i + 3));
                if (h < limit)
                    return Cut(i + 4, out at);
            }
            for (; i < end; i++)
            {
                h = (h << 1) + Unsafe.Add(ref gear, Unsafe.Add(ref bytes, i));
                if (h < limit)
                    return Cut(i + 1, out at);
            }
            (hash, at) = (h, end);
            return false;
        }
    }

    private static bool Cut(nint position, out int at)
    {
        at = (int)position;
        return true;
    }
}
