using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Sealing;

/// <summary>scrypt, which makes each guess of a password cost memory as well as time; the base library has none.</summary>
/// <remarks>Source: RFC 7914. Why this is code of ours: docs/adr/0002-sealing-and-scrypt-of-our-own.md.</remarks>
public static unsafe class Scrypt
{
    /// <summary>Parameters come from a file that an attacker may have written: no more memory than this for one guess.</summary>
    public const long MaxMemoryBytes = 256L << 20;

    /// <summary>Limit of N * r * p: about half a minute, where N=32768, r=8, p=1 takes a tenth of a second.</summary>
    public const long MaxWork = 1L << 26;

    /// <summary>A Salsa20 block as four vectors of four words.</summary>
    private const int BlockVectors = 4;

    private const int BlockBytes = 64;

    /// <summary>
    /// Where each word of a block stands inside the vectors: row k holds the k-th word of each column, counted from the
    /// diagonal, so that a quarter round works on four whole rows at once.
    /// </summary>
    private static ReadOnlySpan<byte> Diagonal => [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

    /// <param name="password">Any length.</param>
    /// <param name="salt">Any length; restic's is 64 bytes.</param>
    /// <param name="n">Cost, a power of two above 1.</param>
    /// <param name="r">Block size; memory is 128 * n * r bytes.</param>
    /// <param name="p">Passes, one after the other here, so that memory does not grow with them.</param>
    /// <param name="output">Filled; 64 bytes make a <see cref="SealingKey"/>.</param>
    /// <exception cref="ResurgamException"><c>vault-key-cost</c>: outside of what scrypt or our limits allow.</exception>
    public static void DeriveKey(
        ReadOnlySpan<byte> password,
        ReadOnlySpan<byte> salt,
        int n,
        int r,
        int p,
        Span<byte> output
    )
    {
        CheckCost(n, r, p);
        var blocksPerPass = 2 * r;
        var bytes = new byte[p * blocksPerPass * BlockBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, bytes, 1, HashAlgorithmName.SHA256);
        Mix(bytes, n, r, p);
        Rfc2898DeriveBytes.Pbkdf2(password, bytes, output, 1, HashAlgorithmName.SHA256);
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>Refuses what <see cref="DeriveKey"/> would refuse, without any work.</summary>
    /// <exception cref="ResurgamException"><c>vault-key-cost</c>: outside of what scrypt or our limits allow.</exception>
    public static void CheckCost(int n, int r, int p)
    {
        if (n < 2 || (n & (n - 1)) != 0)
            throw SealingProblems.CostIsAbsurd(n, r, p, "N is not a power of two above 1");
        if (r < 1 || p < 1 || (long)r * p >= 1 << 30)
            throw SealingProblems.CostIsAbsurd(n, r, p, "r and p are at least 1, and less than 2^30 multiplied");
        // In Int128, so that no product of three ints wraps on its way to the comparison.
        if ((Int128)128 * n * r > MaxMemoryBytes || (Int128)128 * r * p > MaxMemoryBytes)
            throw SealingProblems.CostIsAbsurd(
                n,
                r,
                p,
                $"it would take more than {MaxMemoryBytes >> 20} MiB of memory"
            );
        if ((Int128)n * r * p > MaxWork)
            throw SealingProblems.CostIsAbsurd(n, r, p, $"N * r * p is more than {MaxWork}, which takes minutes");
    }

    /// <summary>ROMix (RFC 7914 section 5) over each of the p parts, in memory that is given back at once.</summary>
    private static void Mix(Span<byte> bytes, int n, int r, int p)
    {
        var partBytes = 2 * r * BlockBytes;
        var table = (Vector128<uint>*)NativeMemory.AlignedAlloc(checked((nuint)n * (nuint)partBytes), BlockBytes);
        var scratch = (Vector128<uint>*)NativeMemory.AlignedAlloc(checked(2 * (nuint)partBytes), BlockBytes);
        try
        {
            for (var part = 0; part < p; part++)
            {
                var words = MemoryMarshal.Cast<byte, uint>(bytes.Slice(part * partBytes, partBytes));
                Span<uint> shuffled = new(scratch, words.Length);
                for (var word = 0; word < words.Length; word++)
                    shuffled[word] = words[word & ~15 | Diagonal[word & 15]];
                MixPart(scratch, scratch + partBytes / 16, table, n, r);
                for (var word = 0; word < words.Length; word++)
                    words[word & ~15 | Diagonal[word & 15]] = shuffled[word];
            }
        }
        finally
        {
            NativeMemory.Clear(table, (nuint)n * (nuint)partBytes);
            NativeMemory.Clear(scratch, 2 * (nuint)partBytes);
            NativeMemory.AlignedFree(table);
            NativeMemory.AlignedFree(scratch);
        }
    }

    private static void MixPart(Vector128<uint>* x, Vector128<uint>* y, Vector128<uint>* table, int n, int r)
    {
        unchecked
        {
            var vectors = (nuint)(2 * r * BlockVectors);
            var mask = (uint)n - 1;
            for (nuint i = 0; i < (nuint)n; i += 2)
            {
                MixBlock(x, null, table + i * vectors, y, r);
                MixBlock(y, null, table + (i + 1) * vectors, x, r);
            }
            for (nuint i = 0; i < (nuint)n; i += 2)
            {
                MixBlock(x, table + (Integerify(x, r) & mask) * vectors, null, y, r);
                MixBlock(y, table + (Integerify(y, r) & mask) * vectors, null, x, r);
            }
        }
    }

    /// <summary>The lower 32 bits of the last block, which stand in their own place in the shuffled order, too.</summary>
    private static nuint Integerify(Vector128<uint>* x, int r) => x[(2 * r - 1) * BlockVectors][0];

    /// <summary>scryptBlockMix (RFC 7914 section 4) of x, or of x xor <paramref name="other"/>.</summary>
    /// <param name="x">2r blocks.</param>
    /// <param name="other">2r blocks, or null.</param>
    /// <param name="copy">Where x is kept on the way, or null.</param>
    /// <param name="y">Takes the result: even blocks first, then odd ones.</param>
    /// <param name="r">Half the number of blocks.</param>
    private static void MixBlock(
        Vector128<uint>* x,
        Vector128<uint>* other,
        Vector128<uint>* copy,
        Vector128<uint>* y,
        int r
    )
    {
        var last = (2 * r - 1) * BlockVectors;
        var (a, b, c, d) = (x[last], x[last + 1], x[last + 2], x[last + 3]);
        if (other != null)
            (a, b, c, d) = (a ^ other[last], b ^ other[last + 1], c ^ other[last + 2], d ^ other[last + 3]);
        for (var block = 0; block < 2 * r; block++)
        {
            var at = x + block * BlockVectors;
            var (e, f, g, h) = (at[0], at[1], at[2], at[3]);
            if (copy != null)
            {
                (copy[0], copy[1], copy[2], copy[3]) = (e, f, g, h);
                copy += BlockVectors;
            }
            if (other != null)
            {
                (e, f, g, h) = (e ^ other[0], f ^ other[1], g ^ other[2], h ^ other[3]);
                other += BlockVectors;
            }
            (a, b, c, d) = (a ^ e, b ^ f, c ^ g, d ^ h);
            Salsa8(ref a, ref b, ref c, ref d);
            var to = y + ((block >> 1) + (block & 1) * r) * BlockVectors;
            (to[0], to[1], to[2], to[3]) = (a, b, c, d);
        }
    }

    /// <summary>Salsa20/8 (RFC 7914 section 3): four double rounds, then the input added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Salsa8(
        ref Vector128<uint> a,
        ref Vector128<uint> b,
        ref Vector128<uint> c,
        ref Vector128<uint> d
    )
    {
        var (w, x, y, z) = (a, b, c, d);
        for (var round = 0; round < 4; round++)
        {
            QuarterRounds(ref w, ref x, ref y, ref z);
            (x, y, z) = (Turn3(x), Turn2(y), Turn1(z));
            QuarterRounds(ref w, ref z, ref y, ref x);
            (x, y, z) = (Turn1(x), Turn2(y), Turn3(z));
        }
        (a, b, c, d) = (a + w, b + x, c + y, d + z);
    }

    /// <summary>Four quarter rounds at once, one in each place of the vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRounds(
        ref Vector128<uint> a,
        ref Vector128<uint> b,
        ref Vector128<uint> c,
        ref Vector128<uint> d
    )
    {
        b = XorTurned(b, a + d, 7);
        c = XorTurned(c, b + a, 9);
        d = XorTurned(d, c + b, 13);
        a = XorTurned(a, d + c, 18);
    }

    /// <summary>Two exclusive ors instead of or and exclusive or: the second waits for nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> XorTurned(Vector128<uint> word, Vector128<uint> sum, int bits) =>
        word ^ (sum << bits) ^ (sum >>> (32 - bits));

    private static Vector128<uint> Turn1(Vector128<uint> row) => Vector128.Shuffle(row, Vector128.Create(1u, 2, 3, 0));

    private static Vector128<uint> Turn2(Vector128<uint> row) => Vector128.Shuffle(row, Vector128.Create(2u, 3, 0, 1));

    private static Vector128<uint> Turn3(Vector128<uint> row) => Vector128.Shuffle(row, Vector128.Create(3u, 0, 1, 2));
}
