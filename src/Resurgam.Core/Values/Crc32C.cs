using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace Resurgam.Core.Values;

/// <summary>CRC-32C (Castagnoli), as in PostgreSQL's WAL and <c>backup_manifest</c>. "123456789" gives E3069283.</summary>
/// <remarks>
/// A value is always that of a finished checksum, so 0 stands for no bytes. Source: RFC 3720 appendix B.4; the arithmetic
/// is that of polynomials modulo P over GF(2) with the lowest power in the highest bit, so appending n bytes multiplies
/// by x^8n. x has the order 2^31 - 1 (a test shows it), so a division by x^8n is a multiplication as well.
/// </remarks>
public static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;

    /// <summary>x^0.</summary>
    private const uint One = 0x8000_0000;

    /// <summary>So many multiplications by x lead back to where they began.</summary>
    internal const uint OrderOfX = int.MaxValue;

    /// <summary>
    /// Three streams hide the latency of the CRC instruction. Short parts: memory is then read from one place onwards, as
    /// its prefetchers like it; parts of 1 KiB and more were measured at half the speed.
    /// </summary>
    private const int PartBytes = 256;

    /// <summary>x^1, x^2, x^4, x^8 and so on, as far as the order of x needs.</summary>
    private static readonly uint[] Squares = MakeSquares();

    private static readonly uint[] Table = MakeTable();

    private static readonly Vector128<ulong> PartShifts = MakePartShifts();

    /// <returns>The checksum of the bytes that gave <paramref name="crc"/>, followed by <paramref name="bytes"/>.</returns>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (Sse42.X64.IsSupported)
            return ~AppendX64(~crc, bytes);
        return ArmCrc32.Arm64.IsSupported ? ~AppendArm64(~crc, bytes) : ~AppendByTable(~crc, bytes);
    }

    /// <returns>The checksum of A followed by B, without looking at them again.</returns>
    public static uint Combine(uint crcA, uint crcB, long lengthB) => MultiplyByX(crcA, BitsOf(lengthB)) ^ crcB;

    /// <returns>The checksum of A, given that of A followed by B.</returns>
    public static uint RemoveSuffix(uint crcAB, uint crcB, long lengthB) =>
        MultiplyByX(crcAB ^ crcB, (OrderOfX - BitsOf(lengthB)) % OrderOfX);

    /// <returns>The checksum of the whole once a block in its middle was replaced by another of the same length.</returns>
    public static uint Replace(uint crcWhole, uint crcOldBlock, uint crcNewBlock, long bytesAfter) =>
        crcWhole ^ MultiplyByX(crcOldBlock ^ crcNewBlock, BitsOf(bytesAfter));

    /// <summary>Bits in so many bytes, modulo the order of x.</summary>
    private static uint BitsOf(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        return (uint)(lengthBytes % OrderOfX * 8 % OrderOfX);
    }

    private static uint MultiplyByX(uint value, uint times)
    {
        for (var bit = 0; times != 0; times >>= 1, bit++)
        {
            if ((times & 1) != 0)
                value = Multiply(value, Squares[bit]);
        }
        return value;
    }

    /// <summary>The product of two polynomials modulo P.</summary>
    internal static uint Multiply(uint left, uint right)
    {
        var product = 0u;
        for (var power = One; power != 0; power >>= 1)
        {
            product ^= (left & power) != 0 ? right : 0;
            right = (right >> 1) ^ ((right & 1) != 0 ? Polynomial : 0);
        }
        return product;
    }

    internal static uint AppendByTable(uint register, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            register = Table[(register ^ value) & 0xFF] ^ (register >> 8);
        return register;
    }

    private static uint AppendArm64(uint register, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            register = ArmCrc32.Arm64.ComputeCrc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            register = ArmCrc32.ComputeCrc32C(register, value);
        return register;
    }

    private static uint AppendX64(uint register, ReadOnlySpan<byte> bytes)
    {
        if (Pclmulqdq.IsSupported)
            register = AppendThreefold(register, ref bytes);
        ulong wide = register;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            wide = Sse42.X64.Crc32(wide, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        register = (uint)wide;
        foreach (var value in bytes)
            register = Sse42.Crc32(register, value);
        return register;
    }

    /// <summary>Takes three parts at a time, as often as there are three, and leaves the rest in <paramref name="bytes"/>.</summary>
    private static uint AppendThreefold(uint register, ref ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 3 * PartBytes; bytes = bytes[(3 * PartBytes)..])
        {
            var words = MemoryMarshal.Cast<byte, ulong>(bytes[..(3 * PartBytes)]);
            var part = words.Length / 3;
            var first = words[..part];
            var second = words.Slice(part, part);
            var third = words[(2 * part)..];
            var (a, b, c) = ((ulong)register, 0ul, 0ul);
            for (var at = 0; at < first.Length; at++)
            {
                a = Sse42.X64.Crc32(a, first[at]);
                b = Sse42.X64.Crc32(b, second[at]);
                c = Sse42.X64.Crc32(c, third[at]);
            }
            // A carry-less product of 64 bits, brought back to 32 by the CRC instruction itself.
            var joined =
                Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(a), PartShifts, 0x00)
                ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(b), PartShifts, 0x10);
            register = (uint)(Sse42.X64.Crc32(0, joined[0]) ^ c);
        }
        return register;
    }

    /// <summary>What the first and the second part of three are multiplied by: two parts follow the one, one the other.</summary>
    private static Vector128<ulong> MakePartShifts()
    {
        // The carry-less product stands one bit too low, and reducing it multiplies by x^32.
        const uint gained = 33;
        return Vector128.Create(
            (ulong)MultiplyByX(One, BitsOf(2 * PartBytes) - gained),
            MultiplyByX(One, BitsOf(PartBytes) - gained)
        );
    }

    private static uint[] MakeSquares()
    {
        var squares = new uint[31];
        squares[0] = One >> 1;
        for (var at = 1; at < squares.Length; at++)
            squares[at] = Multiply(squares[at - 1], squares[at - 1]);
        return squares;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var value = 0u; value < 256; value++)
        {
            var register = value;
            for (var bit = 0; bit < 8; bit++)
                register = (register >> 1) ^ ((register & 1) != 0 ? Polynomial : 0);
            table[value] = register;
        }
        return table;
    }
}
