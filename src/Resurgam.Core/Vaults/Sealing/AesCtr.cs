using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Resurgam.Core.Problems;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Resurgam.Core.Vaults.Sealing;

/// <summary>AES-256 in counter mode; the base library has none. Thread-safe.</summary>
/// <remarks>
/// Source: NIST SP 800-38A section 6.5, the whole 16-byte block being one big-endian counter that wraps. The fast way
/// keeps eight blocks in flight, which hides the latency of the AES instructions
/// (docs/adr/0002-sealing-and-scrypt-of-our-own.md); the portable way lets the base library encrypt the counters.
/// </remarks>
internal sealed class AesCtr
{
    private const int BlockBytes = 16;
    private const int FlightBlocks = 8;

    /// <summary>Counters that the portable way encrypts at once: many for each call, yet inside the first cache.</summary>
    private const int PortableBytes = 16 * 1024;

    private readonly byte[] _key;
    private readonly AesRoundKeys? _roundKeys;

    /// <param name="key">32 bytes.</param>
    /// <param name="portable">Do without the processor's AES instructions, as a test wants it.</param>
    public AesCtr(ReadOnlySpan<byte> key, bool portable = false)
    {
        _key = key.ToArray();
        _roundKeys = AesRoundKeys.AreSupported && !portable ? AesRoundKeys.Expand256(key) : null;
    }

    /// <summary>Encrypts or decrypts; both are the same.</summary>
    /// <param name="input">Any length. May be the same memory as <paramref name="output"/>, but not overlap otherwise.</param>
    /// <param name="output">As long as <paramref name="input"/>.</param>
    /// <param name="counter">Of the first block.</param>
    /// <returns>The counter that follows; of use only when <paramref name="input"/> ends with a block.</returns>
    public UInt128 Transform(ReadOnlySpan<byte> input, Span<byte> output, UInt128 counter)
    {
        Require.That(input.Length == output.Length, "counter mode keeps the length");
        if (_roundKeys is null)
            TransformPortably(input, output, counter);
        else
            TransformFast(_roundKeys, input, output, counter);
        return unchecked(counter + (UInt128)(uint)((input.Length + BlockBytes - 1) / BlockBytes));
    }

    private static void TransformFast(AesRoundKeys keys, ReadOnlySpan<byte> input, Span<byte> output, UInt128 counter)
    {
        while (input.Length >= FlightBlocks * BlockBytes)
        {
            var blocks = input.Length / BlockBytes;
            // Within a flight only the lower half of the counter is counted: stop before it wraps.
            var beforeWrap = ulong.MaxValue - (ulong)(counter & ulong.MaxValue);
            if (beforeWrap < FlightBlocks)
            {
                TransformSlow(keys, input[..BlockBytes], output, counter);
                input = input[BlockBytes..];
                output = output[BlockBytes..];
                counter = unchecked(counter + 1);
                continue;
            }
            var flights = (int)ulong.Min((ulong)blocks, beforeWrap) / FlightBlocks;
            var bytes = flights * FlightBlocks * BlockBytes;
            TransformFlights(keys.Keys, input[..bytes], output[..bytes], counter);
            input = input[bytes..];
            output = output[bytes..];
            counter = unchecked(counter + (UInt128)(uint)(flights * FlightBlocks));
        }
        TransformSlow(keys, input, output, counter);
    }

    /// <summary>Whole flights of eight blocks; the lower half of the counter does not wrap on the way.</summary>
    private static void TransformFlights(
        ReadOnlySpan<Vector128<byte>> keys,
        ReadOnlySpan<byte> input,
        Span<byte> output,
        UInt128 counter
    )
    {
        ref var key = ref MemoryMarshal.GetReference(keys);
        ref var from = ref MemoryMarshal.GetReference(input);
        ref var to = ref MemoryMarshal.GetReference(output);
        var toBigEndian = Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        var count = Vector128.Create((ulong)(counter & ulong.MaxValue), (ulong)(counter >> 64));
        for (nuint at = 0; at < (nuint)input.Length; at += FlightBlocks * BlockBytes)
        {
            var b0 = Ssse3.Shuffle(count.AsByte(), toBigEndian) ^ key;
            var b1 = Ssse3.Shuffle((count + Vector128.Create(1ul, 0)).AsByte(), toBigEndian) ^ key;
            var b2 = Ssse3.Shuffle((count + Vector128.Create(2ul, 0)).AsByte(), toBigEndian) ^ key;
            var b3 = Ssse3.Shuffle((count + Vector128.Create(3ul, 0)).AsByte(), toBigEndian) ^ key;
            var b4 = Ssse3.Shuffle((count + Vector128.Create(4ul, 0)).AsByte(), toBigEndian) ^ key;
            var b5 = Ssse3.Shuffle((count + Vector128.Create(5ul, 0)).AsByte(), toBigEndian) ^ key;
            var b6 = Ssse3.Shuffle((count + Vector128.Create(6ul, 0)).AsByte(), toBigEndian) ^ key;
            var b7 = Ssse3.Shuffle((count + Vector128.Create(7ul, 0)).AsByte(), toBigEndian) ^ key;
            for (var round = 1; round < 14; round++)
            {
                var k = Unsafe.Add(ref key, round);
                b0 = X86Aes.Encrypt(b0, k);
                b1 = X86Aes.Encrypt(b1, k);
                b2 = X86Aes.Encrypt(b2, k);
                b3 = X86Aes.Encrypt(b3, k);
                b4 = X86Aes.Encrypt(b4, k);
                b5 = X86Aes.Encrypt(b5, k);
                b6 = X86Aes.Encrypt(b6, k);
                b7 = X86Aes.Encrypt(b7, k);
            }
            var last = Unsafe.Add(ref key, 14);
            (X86Aes.EncryptLast(b0, last) ^ Vector128.LoadUnsafe(ref from, at)).StoreUnsafe(ref to, at);
            (X86Aes.EncryptLast(b1, last) ^ Vector128.LoadUnsafe(ref from, at + 16)).StoreUnsafe(ref to, at + 16);
            (X86Aes.EncryptLast(b2, last) ^ Vector128.LoadUnsafe(ref from, at + 32)).StoreUnsafe(ref to, at + 32);
            (X86Aes.EncryptLast(b3, last) ^ Vector128.LoadUnsafe(ref from, at + 48)).StoreUnsafe(ref to, at + 48);
            (X86Aes.EncryptLast(b4, last) ^ Vector128.LoadUnsafe(ref from, at + 64)).StoreUnsafe(ref to, at + 64);
            (X86Aes.EncryptLast(b5, last) ^ Vector128.LoadUnsafe(ref from, at + 80)).StoreUnsafe(ref to, at + 80);
            (X86Aes.EncryptLast(b6, last) ^ Vector128.LoadUnsafe(ref from, at + 96)).StoreUnsafe(ref to, at + 96);
            (X86Aes.EncryptLast(b7, last) ^ Vector128.LoadUnsafe(ref from, at + 112)).StoreUnsafe(ref to, at + 112);
            count += Vector128.Create((ulong)FlightBlocks, 0);
        }
    }

    /// <summary>Block by block, the last one perhaps not whole.</summary>
    private static void TransformSlow(AesRoundKeys keys, ReadOnlySpan<byte> input, Span<byte> output, UInt128 counter)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        for (var at = 0; at < input.Length; at += BlockBytes)
        {
            BinaryPrimitives.WriteUInt128BigEndian(block, counter);
            keys.Encrypt(Vector128.Create<byte>(block)).CopyTo(block);
            var bytes = int.Min(BlockBytes, input.Length - at);
            Xor(input.Slice(at, bytes), block[..bytes], output.Slice(at, bytes));
            counter = unchecked(counter + 1);
        }
    }

    private void TransformPortably(ReadOnlySpan<byte> input, Span<byte> output, UInt128 counter)
    {
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.SetKey(_key);
        var rented = ArrayPool<byte>.Shared.Rent(PortableBytes);
        var counters = rented.AsSpan(0, PortableBytes);
        for (var at = 0; at < input.Length; at += PortableBytes)
        {
            var bytes = int.Min(PortableBytes, input.Length - at);
            var blockBytes = (bytes + BlockBytes - 1) / BlockBytes * BlockBytes;
            for (var block = 0; block < blockBytes; block += BlockBytes)
            {
                BinaryPrimitives.WriteUInt128BigEndian(counters[block..], counter);
                counter = unchecked(counter + 1);
            }
            aes.EncryptEcb(counters[..blockBytes], counters[..blockBytes], PaddingMode.None);
            Xor(input.Slice(at, bytes), counters[..bytes], output.Slice(at, bytes));
        }
        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
    }

    private static void Xor(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result)
    {
        while (left.Length >= Vector128<byte>.Count)
        {
            (Vector128.Create(left) ^ Vector128.Create(right)).CopyTo(result);
            left = left[16..];
            right = right[16..];
            result = result[16..];
        }
        for (var at = 0; at < left.Length; at++)
            result[at] = (byte)(left[at] ^ right[at]);
    }
}
