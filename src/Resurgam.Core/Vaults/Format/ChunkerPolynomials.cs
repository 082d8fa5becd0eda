using System.Globalization;
using System.Numerics;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// Polynomials over GF(2), bit i being the coefficient of x^i. We cut no file with them, but a repository has one, and
/// stock restic refuses one that is reducible.
/// </summary>
internal static class ChunkerPolynomials
{
    /// <summary>A prime, which keeps Rabin's test short.</summary>
    public const int Degree = 53;

    /// <summary>A random irreducible polynomial of degree 53. One in 27 of the candidates is.</summary>
    public static ulong Create(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (var draw = 0; draw < 100_000; draw++)
        {
            entropy.Fill(bytes);
            var candidate = BitConverter.ToUInt64(bytes) & ((1UL << Degree) - 1) | (1UL << Degree) | 1;
            if (IsIrreducible(candidate))
                return candidate;
        }
        Require.That(false, "entropy gives different bytes each time");
        return 0;
    }

    /// <summary>Rabin's test for a polynomial f of degree 53.</summary>
    /// <remarks>
    /// For a prime degree p, f is irreducible exactly if x^(2^p) = x mod f and f has no factor of degree 1, that is
    /// f(0) = f(1) = 1. Source: M. O. Rabin, "Probabilistic algorithms in finite fields", SIAM J. Comput. 9 (1980).
    /// </remarks>
    public static bool IsIrreducible(ulong f)
    {
        if (BitOperations.Log2(f) != Degree || (f & 1) == 0 || BitOperations.PopCount(f) % 2 == 0)
            return false;
        var power = 2UL;
        for (var i = 0; i < Degree; i++)
            power = Square(power, f);
        return power == 2;
    }

    /// <summary>As restic writes it: hexadecimal without zeros in front.</summary>
    public static string Format(ulong f) => f.ToString("x", CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out ulong f) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out f);

    private static ulong Square(ulong a, ulong f)
    {
        ulong product = 0;
        for (var bit = Degree - 1; bit >= 0; bit--)
        {
            product <<= 1;
            if (product >> Degree != 0)
                product ^= f;
            if ((a >> bit & 1) != 0)
                product ^= a;
        }
        return product;
    }
}
