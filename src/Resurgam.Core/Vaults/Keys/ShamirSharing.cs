using System.Security.Cryptography;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>Splits a secret so that any <c>k</c> of <c>n</c> parts give it back and fewer tell nothing.</summary>
/// <remarks>
/// A. Shamir, "How to Share a Secret", CACM 22(11), 1979: each byte is the value at 0 of a polynomial of degree k - 1 over
/// GF(2^8), whose other coefficients are random; part <c>x</c> is its value at <c>x</c>. The field is that of AES (FIPS 197,
/// section 4.2: x^8 + x^4 + x^3 + x + 1). No branch and no table index depends on a secret byte.
/// </remarks>
internal static class ShamirSharing
{
    /// <summary>Places are the non-zero elements of the field.</summary>
    public const int MostParts = 255;

    /// <returns>The parts at the places 1 to <paramref name="count"/>, each as long as the secret.</returns>
    public static byte[][] Split(ReadOnlySpan<byte> secret, int threshold, int count, IEntropy entropy)
    {
        Require.That(
            threshold is >= 1 and <= MostParts && count >= threshold && count <= MostParts,
            "of n parts k are enough, and there are places for n"
        );
        var coefficients = new byte[threshold][];
        coefficients[0] = secret.ToArray();
        for (var power = 1; power < threshold; power++)
        {
            coefficients[power] = new byte[secret.Length];
            entropy.Fill(coefficients[power]);
        }
        var parts = new byte[count][];
        for (var index = 0; index < count; index++)
            parts[index] = ValueAt((byte)(index + 1), coefficients);
        foreach (var coefficient in coefficients)
            CryptographicOperations.ZeroMemory(coefficient);
        return parts;
    }

    /// <summary>The polynomial's value at 0, by Lagrange's formula.</summary>
    /// <param name="parts">As many as the threshold; their places differ and are not 0. Fewer or others give another value.</param>
    public static byte[] Combine(IReadOnlyList<(byte Place, ReadOnlyMemory<byte> Value)> parts)
    {
        var secret = new byte[parts[0].Value.Length];
        foreach (var (place, value) in parts)
        {
            byte weight = 1;
            foreach (var (other, _) in parts)
                if (other != place)
                    weight = Multiply(weight, Multiply(other, Invert((byte)(other ^ place))));
            for (var i = 0; i < secret.Length; i++)
                secret[i] ^= Multiply(weight, value.Span[i]);
        }
        return secret;
    }

    internal static byte Multiply(byte left, byte right)
    {
        int product = 0;
        int shifted = left;
        for (var bit = 0; bit < 8; bit++)
        {
            product ^= shifted & -((right >> bit) & 1);
            shifted = (shifted << 1) ^ (0x11B & -(shifted >> 7));
        }
        return (byte)product;
    }

    /// <summary>The 254th power, which is the inverse; 0 for 0.</summary>
    internal static byte Invert(byte value)
    {
        byte result = 1;
        for (var bit = 7; bit >= 0; bit--)
        {
            result = Multiply(result, result);
            if (((254 >> bit) & 1) == 1)
                result = Multiply(result, value);
        }
        return result;
    }

    private static byte[] ValueAt(byte place, byte[][] coefficients)
    {
        var value = new byte[coefficients[0].Length];
        for (var power = coefficients.Length - 1; power >= 0; power--)
        for (var i = 0; i < value.Length; i++)
            value[i] = (byte)(Multiply(value[i], place) ^ coefficients[power][i]);
        return value;
    }
}
