using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Resurgam.Core.Vaults.Hashing;

/// <summary>SHA-256 of sixteen pieces of one length, each in its lane of AVX-512 registers: twice as fast as one after the other.</summary>
/// <remarks>
/// The kernel is that of Intel's intel-ipsec-mb, linked into the one file (docs/adr/0020-hashing-in-lanes.md). Where it or the
/// processor's instructions are not there, <see cref="AreSupported"/> is false. Source: FIPS 180-4.
/// </remarks>
internal static unsafe partial class Sha256Lanes
{
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

    public static bool AreSupported { get; } = HasInstructions() && AgreesWithTheSystem();

    /// <param name="pieces">One behind the other.</param>
    /// <param name="pieceBytes">A multiple of <see cref="BlockBytes"/>.</param>
    /// <param name="ids">One for each piece, at most <see cref="Count"/>. A lane without a piece costs as much as one that has one.</param>
    public static void Hash(ReadOnlySpan<byte> pieces, int pieceBytes, Span<BlobId> ids)
    {
        Span<byte> padding = stackalloc byte[BlockBytes];
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padding[^sizeof(long)..], 8L * pieceBytes);
        State state = default;
        for (var word = 0; word < Words; word++)
            state.Digests[(word * Count)..][..Count].Fill(Beginning[word]);
        fixed (
            byte* first = pieces,
                last = padding
        )
        {
            for (var lane = 0; lane < Count; lane++)
                state.Inputs[lane] = (nint)first + Math.Min(lane, ids.Length - 1) * pieceBytes;
            Transform(ref state, (ulong)(pieceBytes / BlockBytes));
            state.Inputs[..].Fill((nint)last);
            Transform(ref state, 1);
        }
        Span<byte> digest = stackalloc byte[BlobId.LengthBytes];
        for (var lane = 0; lane < ids.Length; lane++)
        {
            for (var word = 0; word < Words; word++)
                BinaryPrimitives.WriteUInt32BigEndian(
                    digest[(word * sizeof(uint))..],
                    state.Digests[word * Count + lane]
                );
            ids[lane] = BlobId.From(digest);
        }
    }

    /// <summary>Whether processor and operating system have AVX512F, DQ, BW and VL: EBX of CPUID leaf 7, as the C library found it usable.</summary>
    private static bool HasInstructions()
    {
        const uint wanted = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);
        const int leaf7 = 1;
        const int activeEbx = 5; // after the four registers as the processor has them
        try
        {
            return RuntimeInformation.ProcessArchitecture == Architecture.X64
                && (FindFeatures(leaf7)[activeEbx] & wanted) == wanted;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library before 2.33, or another one
        }
    }

    /// <summary>The kernel is no part of its library's interface: before it is relied on, it has to show what it computes.</summary>
    private static bool AgreesWithTheSystem()
    {
        const int pieceBytes = 3 * BlockBytes;
        Span<byte> pieces = stackalloc byte[Count * pieceBytes];
        for (var at = 0; at < pieces.Length; at++)
            pieces[at] = (byte)(at * 31 >> 3 & 0xff);
        Span<BlobId> ids = stackalloc BlobId[Count];
        try
        {
            Hash(pieces, pieceBytes, ids);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false; // not linked in
        }
        for (var lane = 0; lane < Count; lane++)
            if (ids[lane] != BlobId.Of(pieces.Slice(lane * pieceBytes, pieceBytes)))
                return false;
        return true;
    }

    [LibraryImport("libIPSec_MB.so.1", EntryPoint = "call_sha256_x16_avx512_from_c")]
    private static partial void Transform(ref State state, ulong blocks);

    [LibraryImport("libc.so.6", EntryPoint = "__x86_get_cpuid_feature_leaf")]
    private static partial uint* FindFeatures(uint leaf);

    /// <summary>As the kernel wants it: all first words of the digests, all second words and so on, then where each lane reads.</summary>
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
