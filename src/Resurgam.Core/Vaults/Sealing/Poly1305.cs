using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Sealing;

/// <summary>Poly1305 with one multiplier r for many messages, as Poly1305-AES uses it. Immutable, thread-safe.</summary>
/// <remarks>
/// Source: Bernstein, "The Poly1305-AES message-authentication code", FSE 2005; RFC 8439 section 2.5. Single blocks go
/// through limbs of 44, 44 and 42 bits; long input through two lanes of five 26-bit limbs, eight blocks a round with
/// r², r⁴, r⁶ and r⁸ computed beforehand, so that carries are propagated once in eight blocks.
/// </remarks>
internal sealed class Poly1305
{
    public const int BlockBytes = 16;
    public const int TagBytes = 16;

    private const ulong Mask44 = (1ul << 44) - 1;
    private const ulong Mask42 = (1ul << 42) - 1;
    private const int PairBytes = 2 * BlockBytes;
    private const int RoundBlocks = 8;

    /// <summary>Vectors of one power: five limbs, then limbs 1 to 4 times five, for what wraps around 2^130.</summary>
    private const int PowerVectors = 9;

    private readonly ulong _r0;
    private readonly ulong _r1;
    private readonly ulong _r2;

    /// <summary>r², r⁴, r⁶, r⁸ in both lanes; null where the processor has no such instructions.</summary>
    private readonly Vector128<uint>[]? _powers;

    /// <param name="r">16 bytes, clamped here.</param>
    /// <param name="portable">Do without vector instructions, as a test wants it.</param>
    public Poly1305(ReadOnlySpan<byte> r, bool portable = false)
    {
        var clamped = Clamp(r);
        (_r0, _r1, _r2) = Limbs(clamped);
        if (Sse2.IsSupported && !portable)
            _powers = Powers();
    }

    /// <summary>r without the bits that Poly1305 leaves out; the tag says nothing when this is zero.</summary>
    public static UInt128 Clamp(ReadOnlySpan<byte> r) =>
        BinaryPrimitives.ReadUInt128LittleEndian(r) & new UInt128(0x0FFF_FFFC_0FFF_FFFC, 0x0FFF_FFFC_0FFF_FFFF);

    /// <summary>What has been absorbed so far: a number below 2^131 in limbs of 44, 44 and 42 bits. Starts as default.</summary>
    public struct Accumulator
    {
        internal ulong H0;
        internal ulong H1;
        internal ulong H2;
    }

    /// <param name="sum">What was absorbed before.</param>
    /// <param name="blocks">Whole blocks of 16 bytes.</param>
    public void Absorb(ref Accumulator sum, ReadOnlySpan<byte> blocks)
    {
        Require.That(blocks.Length % BlockBytes == 0, "only the last block of a message may be short");
        if (_powers is not null && blocks.Length >= 2 * PairBytes)
        {
            var bytes = blocks.Length / PairBytes * PairBytes;
            AbsorbPairs(_powers, ref sum, blocks[..bytes]);
            blocks = blocks[bytes..];
        }
        for (; !blocks.IsEmpty; blocks = blocks[BlockBytes..])
        {
            AddBlock(ref sum, BinaryPrimitives.ReadUInt128LittleEndian(blocks), 1ul << 40);
            Multiply(ref sum);
        }
    }

    /// <summary>Absorbs the end of the message and gives the tag.</summary>
    /// <param name="sum">All whole blocks before <paramref name="tail"/>.</param>
    /// <param name="tail">Any length.</param>
    /// <param name="nonce">16 bytes, added last: for Poly1305-AES the encrypted IV.</param>
    /// <param name="tag">16 bytes.</param>
    public void Finish(ref Accumulator sum, ReadOnlySpan<byte> tail, ReadOnlySpan<byte> nonce, Span<byte> tag)
    {
        var whole = tail.Length / BlockBytes * BlockBytes;
        Absorb(ref sum, tail[..whole]);
        tail = tail[whole..];
        if (!tail.IsEmpty)
        {
            Span<byte> last = stackalloc byte[BlockBytes];
            last.Clear();
            tail.CopyTo(last);
            last[tail.Length] = 1;
            AddBlock(ref sum, BinaryPrimitives.ReadUInt128LittleEndian(last), 0);
            Multiply(ref sum);
        }
        var result = unchecked(Reduce(sum) + BinaryPrimitives.ReadUInt128LittleEndian(nonce));
        BinaryPrimitives.WriteUInt128LittleEndian(tag, result);
    }

    private static (ulong, ulong, ulong) Limbs(UInt128 value) =>
        ((ulong)(value & Mask44), (ulong)((value >> 44) & Mask44), (ulong)(value >> 88));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddBlock(ref Accumulator sum, UInt128 block, ulong highBit)
    {
        unchecked
        {
            var (low, high) = ((ulong)block, (ulong)(block >> 64));
            sum.H0 += low & Mask44;
            sum.H1 += ((low >> 44) | (high << 20)) & Mask44;
            sum.H2 += (high >> 24) | highBit;
        }
    }

    /// <summary>sum = sum * r modulo 2^130 - 5, carried except for a bit or two in H1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Multiply(ref Accumulator sum)
    {
        unchecked
        {
            var (h0, h1, h2) = (sum.H0, sum.H1, sum.H2);
            // Limb 3 stands for 2^132, which is 4 * 5 modulo 2^130 - 5.
            var (s1, s2) = (_r1 * 20, _r2 * 20);
            var d0 = Times(h0, _r0) + Times(h1, s2) + Times(h2, s1);
            var d1 = Times(h0, _r1) + Times(h1, _r0) + Times(h2, s2) + (d0 >> 44);
            var d2 = Times(h0, _r2) + Times(h1, _r1) + Times(h2, _r0) + (d1 >> 44);
            h0 = ((ulong)d0 & Mask44) + (ulong)(d2 >> 42) * 5;
            sum.H0 = h0 & Mask44;
            sum.H1 = ((ulong)d1 & Mask44) + (h0 >> 44);
            sum.H2 = (ulong)d2 & Mask42;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Times(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return new UInt128(high, low);
    }

    /// <summary>The one value below 2^130 - 5, of which a tag takes the lower 128 bits; the same steps for every value.</summary>
    private static UInt128 Reduce(Accumulator sum)
    {
        unchecked
        {
            var (h0, h1, h2) = (sum.H0, sum.H1, sum.H2);
            for (var pass = 0; pass < 2; pass++)
            {
                h1 += h0 >> 44;
                h0 &= Mask44;
                h2 += h1 >> 44;
                h1 &= Mask44;
                h0 += (h2 >> 42) * 5;
                h2 &= Mask42;
            }
            h1 += h0 >> 44;
            h0 &= Mask44;

            // g = h + 5 - 2^130: taken when it is not negative.
            var g0 = h0 + 5;
            var g1 = h1 + (g0 >> 44);
            var g2 = h2 + (g1 >> 44) - (1ul << 42);
            var keep = (ulong)((long)g2 >> 63);
            h0 = (h0 & keep) | (g0 & Mask44 & ~keep);
            h1 = (h1 & keep) | (g1 & Mask44 & ~keep);
            h2 = (h2 & keep) | (g2 & ~keep);
            return (UInt128)h0 + ((UInt128)h1 << 44) + ((UInt128)h2 << 88);
        }
    }

    private Vector128<uint>[] Powers()
    {
        var vectors = new Vector128<uint>[4 * PowerVectors];
        Span<uint> limbs = stackalloc uint[5];
        Accumulator power = default;
        (power.H0, power.H1, power.H2) = (_r0, _r1, _r2);
        for (var exponent = 2; exponent <= RoundBlocks; exponent++)
        {
            Multiply(ref power);
            if (exponent % 2 != 0)
                continue;
            var slots = vectors.AsSpan((exponent / 2 - 1) * PowerVectors, PowerVectors);
            To26(power, limbs);
            for (var limb = 0; limb < 5; limb++)
            {
                slots[limb] = Vector128.Create((ulong)limbs[limb]).AsUInt32();
                if (limb > 0)
                    slots[4 + limb] = Vector128.Create((ulong)limbs[limb] * 5).AsUInt32();
            }
        }
        return vectors;
    }

    /// <summary>The same number in limbs of 26 bits, the last one of a few bits more.</summary>
    private static void To26(Accumulator sum, Span<uint> limbs)
    {
        unchecked
        {
            var h1 = sum.H1 + (sum.H0 >> 44);
            var h0 = sum.H0 & Mask44;
            var h2 = sum.H2 + (h1 >> 44);
            h1 &= Mask44;
            limbs[0] = (uint)h0 & 0x3FF_FFFF;
            limbs[1] = (uint)((h0 >> 26) | (h1 << 18)) & 0x3FF_FFFF;
            limbs[2] = (uint)(h1 >> 8) & 0x3FF_FFFF;
            limbs[3] = (uint)((h1 >> 34) | (h2 << 10)) & 0x3FF_FFFF;
            limbs[4] = (uint)(h2 >> 16);
        }
    }

    /// <summary>From limbs of 26 bits and a few more, to the scalar ones.</summary>
    private static Accumulator From26(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        unchecked
        {
            var low = (UInt128)l0 + ((UInt128)l1 << 26) + ((UInt128)l2 << 52) + ((UInt128)l3 << 78);
            Accumulator sum = default;
            sum.H0 = (ulong)low & Mask44;
            sum.H1 = (ulong)(low >> 44) & Mask44;
            sum.H2 = (ulong)(low >> 88) + (l4 << 16);
            return sum;
        }
    }

    /// <summary>Lane 0 takes the even blocks, lane 1 the odd ones.</summary>
    private void AbsorbPairs(Vector128<uint>[] powers, ref Accumulator sum, ReadOnlySpan<byte> blocks)
    {
        var state = new Lanes();
        state.Load(ref MemoryMarshal.GetReference(blocks));
        Span<uint> before = stackalloc uint[5];
        To26(sum, before);
        state.L0 += Vector128.Create((ulong)before[0], 0).AsUInt32();
        state.L1 += Vector128.Create((ulong)before[1], 0).AsUInt32();
        state.L2 += Vector128.Create((ulong)before[2], 0).AsUInt32();
        state.L3 += Vector128.Create((ulong)before[3], 0).AsUInt32();
        state.L4 += Vector128.Create((ulong)before[4], 0).AsUInt32();
        Run(ref MemoryMarshal.GetArrayDataReference(powers), ref state, blocks[PairBytes..]);

        // Horner over the two lanes: (even * r + odd) * r.
        sum = state.Lane(0);
        Multiply(ref sum);
        var odd = state.Lane(1);
        unchecked
        {
            (sum.H0, sum.H1, sum.H2) = (sum.H0 + odd.H0, sum.H1 + odd.H1, sum.H2 + odd.H2);
        }
        Multiply(ref sum);
    }

    /// <summary>Rounds of eight blocks, then the pairs that are left.</summary>
    private static void Run(ref Vector128<uint> powers, ref Lanes state, ReadOnlySpan<byte> blocks)
    {
        var mask = Vector128.Create(0x3FF_FFFFul);
        ref var block = ref MemoryMarshal.GetReference(blocks);
        var lanes = state;
        nuint at = 0;
        for (; at + RoundBlocks * BlockBytes <= (nuint)blocks.Length; at += RoundBlocks * BlockBytes)
        {
            var product = default(Product);
            product.Add(lanes, ref Unsafe.Add(ref powers, 3 * PowerVectors));
            lanes.Load(ref Unsafe.Add(ref block, at));
            product.Add(lanes, ref Unsafe.Add(ref powers, 2 * PowerVectors));
            lanes.Load(ref Unsafe.Add(ref block, at + 32));
            product.Add(lanes, ref Unsafe.Add(ref powers, PowerVectors));
            lanes.Load(ref Unsafe.Add(ref block, at + 64));
            product.Add(lanes, ref powers);
            lanes.Load(ref Unsafe.Add(ref block, at + 96));
            product.CarryInto(ref lanes, mask);
        }
        for (; at < (nuint)blocks.Length; at += PairBytes)
        {
            var product = default(Product);
            product.Add(lanes, ref powers);
            lanes.Load(ref Unsafe.Add(ref block, at));
            product.CarryInto(ref lanes, mask);
        }
        state = lanes;
    }

    /// <summary>Two numbers of five 26-bit limbs, each limb in the lower half of a 64-bit lane.</summary>
    private struct Lanes
    {
        public Vector128<uint> L0;
        public Vector128<uint> L1;
        public Vector128<uint> L2;
        public Vector128<uint> L3;
        public Vector128<uint> L4;

        /// <summary>Splits two blocks, with the bit above their 128th set.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(ref byte block)
        {
            var first = Vector128.LoadUnsafe(ref block).AsUInt64();
            var second = Vector128.LoadUnsafe(ref block, 16).AsUInt64();
            var low = Sse2.UnpackLow(first, second);
            var high = Sse2.UnpackHigh(first, second);
            var mask = Vector128.Create(0x3FF_FFFFul);
            L0 = (low & mask).AsUInt32();
            L1 = ((low >>> 26) & mask).AsUInt32();
            L2 = (((low >>> 52) | (high << 12)) & mask).AsUInt32();
            L3 = ((high >>> 14) & mask).AsUInt32();
            L4 = ((high >>> 40) | Vector128.Create(1ul << 24)).AsUInt32();
        }

        public readonly Accumulator Lane(int lane) =>
            From26(
                L0.AsUInt64()[lane],
                L1.AsUInt64()[lane],
                L2.AsUInt64()[lane],
                L3.AsUInt64()[lane],
                L4.AsUInt64()[lane]
            );
    }

    /// <summary>Sums of products of limbs, 61 bits at most, not yet carried.</summary>
    private struct Product
    {
        private Vector128<ulong> _d0;
        private Vector128<ulong> _d1;
        private Vector128<ulong> _d2;
        private Vector128<ulong> _d3;
        private Vector128<ulong> _d4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Lanes m, ref Vector128<uint> power)
        {
            var (r0, r1, r2, r3, r4) = (
                power,
                Unsafe.Add(ref power, 1),
                Unsafe.Add(ref power, 2),
                Unsafe.Add(ref power, 3),
                Unsafe.Add(ref power, 4)
            );
            var (s1, s2, s3, s4) = (
                Unsafe.Add(ref power, 5),
                Unsafe.Add(ref power, 6),
                Unsafe.Add(ref power, 7),
                Unsafe.Add(ref power, 8)
            );
            _d0 += Sse2.Multiply(m.L0, r0) + Sse2.Multiply(m.L1, s4) + Sse2.Multiply(m.L2, s3);
            _d0 += Sse2.Multiply(m.L3, s2) + Sse2.Multiply(m.L4, s1);
            _d1 += Sse2.Multiply(m.L0, r1) + Sse2.Multiply(m.L1, r0) + Sse2.Multiply(m.L2, s4);
            _d1 += Sse2.Multiply(m.L3, s3) + Sse2.Multiply(m.L4, s2);
            _d2 += Sse2.Multiply(m.L0, r2) + Sse2.Multiply(m.L1, r1) + Sse2.Multiply(m.L2, r0);
            _d2 += Sse2.Multiply(m.L3, s4) + Sse2.Multiply(m.L4, s3);
            _d3 += Sse2.Multiply(m.L0, r3) + Sse2.Multiply(m.L1, r2) + Sse2.Multiply(m.L2, r1);
            _d3 += Sse2.Multiply(m.L3, r0) + Sse2.Multiply(m.L4, s4);
            _d4 += Sse2.Multiply(m.L0, r4) + Sse2.Multiply(m.L1, r3) + Sse2.Multiply(m.L2, r2);
            _d4 += Sse2.Multiply(m.L3, r1) + Sse2.Multiply(m.L4, r0);
        }

        /// <summary>Brings the limbs back to 26 bits and adds them to <paramref name="lanes"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void CarryInto(ref Lanes lanes, Vector128<ulong> mask)
        {
            // Two chains at once: 0, 1, 2, 3 and 3, 4, 0, 1; the limb above the last is worth five in the first.
            _d1 += _d0 >>> 26;
            _d0 &= mask;
            _d4 += _d3 >>> 26;
            _d3 &= mask;
            _d2 += _d1 >>> 26;
            _d1 &= mask;
            var over = _d4 >>> 26;
            _d4 &= mask;
            _d0 += over + (over << 2);
            _d3 += _d2 >>> 26;
            _d2 &= mask;
            _d1 += _d0 >>> 26;
            _d0 &= mask;
            _d4 += _d3 >>> 26;
            _d3 &= mask;
            lanes.L0 += _d0.AsUInt32();
            lanes.L1 += _d1.AsUInt32();
            lanes.L2 += _d2.AsUInt32();
            lanes.L3 += _d3.AsUInt32();
            lanes.L4 += _d4.AsUInt32();
        }
    }
}
