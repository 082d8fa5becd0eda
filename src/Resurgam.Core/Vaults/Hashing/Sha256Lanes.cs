using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Resurgam.Core.Vaults.Hashing;

/// <summary>
/// SHA-256 of pieces of one length side by side: sixteen in the lanes of AVX-512 registers, or two that keep the processor's SHA
/// instructions busy in turn. Either is twice as fast as one after the other.
/// </summary>
/// <remarks>
/// The kernels are those of Intel's intel-ipsec-mb, linked into the one file (docs/adr/0020-hashing-in-lanes.md). Where they or the
/// processor's instructions are not there, <see cref="FewestPieces"/> is out of reach. Source: FIPS 180-4.
/// </remarks>
internal static unsafe partial class Sha256Lanes
{
    /// <summary>As many pieces as may be given at once.</summary>
    public const int Count = 16;

    public const int BlockBytes = 64;

    private const int Words = BlobId.LengthBytes / sizeof(uint);

    private static readonly uint[] Beginning =
    [
        0x6a09e667,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19,
    ];

    /// <summary>The digests word by word, each of all lanes.</summary>
    private static readonly Kernel Sixteen = new(Lanes: Count, LaneStep: 1, WordStep: Count);

    /// <summary>The digests one behind the other.</summary>
    private static readonly Kernel Pair = new(Lanes: 2, LaneStep: Words, WordStep: 1);

    private static readonly Kernel? Best = FindBest();

    /// <summary>With fewer, one after the other is as fast: a lane without a piece costs as much as one that has one.</summary>
    public static int FewestPieces { get; } = Best is { } kernel ? kernel.Lanes / 2 + 1 : int.MaxValue;

    /// <param name="pieces">One behind the other.</param>
    /// <param name="pieceBytes">A multiple of <see cref="BlockBytes"/>.</param>
    /// <param name="ids">One for each piece, at most <see cref="Count"/>.</param>
    public static void Hash(ReadOnlySpan<byte> pieces, int pieceBytes, Span<BlobId> ids)
    {
        var kernel = Best ?? throw new PlatformNotSupportedException();
        for (var first = 0; first < ids.Length; first += kernel.Lanes)
        {
            var count = Math.Min(kernel.Lanes, ids.Length - first);
            Hash(kernel, pieces[(first * pieceBytes)..], pieceBytes, ids.Slice(first, count));
        }
    }

    private static void Hash(Kernel kernel, ReadOnlySpan<byte> pieces, int pieceBytes, Span<BlobId> ids)
    {
        Span<byte> padding = stackalloc byte[BlockBytes];
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padding[^sizeof(long)..], 8L * pieceBytes);
        State state = default;
        for (var lane = 0; lane < kernel.Lanes; lane++)
        for (var word = 0; word < Words; word++)
            state.Digests[kernel.At(lane, word)] = Beginning[word];
        fixed (
            byte* first = pieces,
                last = padding
        )
        {
            for (var lane = 0; lane < kernel.Lanes; lane++)
                state.Inputs[lane] = (nint)first + Math.Min(lane, ids.Length - 1) * pieceBytes;
            Transform(kernel, ref state, (ulong)(pieceBytes / BlockBytes));
            state.Inputs[..].Fill((nint)last);
            Transform(kernel, ref state, 1);
        }
        Span<byte> digest = stackalloc byte[BlobId.LengthBytes];
        for (var lane = 0; lane < ids.Length; lane++)
        {
            for (var word = 0; word < Words; word++)
                BinaryPrimitives.WriteUInt32BigEndian(
                    digest[(word * sizeof(uint))..],
                    state.Digests[kernel.At(lane, word)]
                );
            ids[lane] = BlobId.From(digest);
        }
    }

    private static void Transform(Kernel kernel, ref State state, ulong blocks)
    {
        if (kernel == Sixteen)
            TransformSixteen(ref state, blocks);
        else
            TransformPair(ref state, blocks);
    }

    /// <summary>By bits of EBX of CPUID leaf 7, as the C library found them usable.</summary>
    private static Kernel? FindBest()
    {
        const uint sixteen = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31); // AVX512F, DQ, BW and VL
        const uint pair = 1u << 29; // SHA
        const int leaf7 = 1;
        const int activeEbx = 5; // after the four registers as the processor has them
        try
        {
            if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
                return null;
            var features = FindFeatures(leaf7)[activeEbx];
            if ((features & sixteen) == sixteen && AgreesWithTheSystem(Sixteen))
                return Sixteen;
            return (features & pair) == pair && AgreesWithTheSystem(Pair) ? Pair : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a C library before 2.33, or another one
        }
    }

    /// <summary>The kernels are no part of their library's interface: before one is relied on, it has to show what it computes.</summary>
    private static bool AgreesWithTheSystem(Kernel kernel)
    {
        const int pieceBytes = 3 * BlockBytes;
        Span<byte> pieces = stackalloc byte[Count * pieceBytes];
        for (var at = 0; at < pieces.Length; at++)
            pieces[at] = (byte)(at * 31 >> 3 & 0xff);
        Span<BlobId> ids = stackalloc BlobId[kernel.Lanes];
        try
        {
            Hash(kernel, pieces, pieceBytes, ids);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false; // not linked in
        }
        for (var lane = 0; lane < kernel.Lanes; lane++)
            if (ids[lane] != BlobId.Of(pieces.Slice(lane * pieceBytes, pieceBytes)))
                return false;
        return true;
    }

    [LibraryImport("libIPSec_MB.so.1", EntryPoint = "call_sha256_x16_avx512_from_c")]
    private static partial void TransformSixteen(ref State state, ulong blocks);

    [LibraryImport("libIPSec_MB.so.1", EntryPoint = "call_sha256_ni_x2_sse_from_c")]
    private static partial void TransformPair(ref State state, ulong blocks);

    [LibraryImport("libc.so.6", EntryPoint = "__x86_get_cpuid_feature_leaf")]
    private static partial uint* FindFeatures(uint leaf);

    /// <summary>Where a kernel keeps the words of the digests.</summary>
    private sealed record Kernel(int Lanes, int LaneStep, int WordStep)
    {
        public int At(int lane, int word) => lane * LaneStep + word * WordStep;
    }

    /// <summary>As the kernels want it: digests, then where each lane reads.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct State
    {
        public DigestWords Digests;
        public LaneInputs Inputs;
    }

    [InlineArray(Words * Count)]
    private struct DigestWords
    {
        private uint _first;
    }

    [InlineArray(Count)]
    private struct LaneInputs
    {
        private nint _first;
    }
}
