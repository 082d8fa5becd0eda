using System.Runtime.InteropServices;

namespace Resurgam.Core.Compression;

/// <summary>Reads zstd frames (RFC 8878). Not thread-safe.</summary>
public sealed class ZstdDecompressor : IDisposable
{
    private readonly ZstdDecompressionContext _context = new();

    /// <returns>The length of its content that the first frame states; null when it states none, or is no frame.</returns>
    public static long? StatedLength(ReadOnlySpan<byte> frames)
    {
        var length = ZstdNative.FrameContentSize(in MemoryMarshal.GetReference(frames), (nuint)frames.Length);
        return length <= long.MaxValue ? (long)length : null;
    }

    /// <summary>Writes what whole frames hold at the start of <paramref name="output"/>.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ZstdException">The frame is damaged, cut off, or holds more than fits.</exception>
    public int Decompress(ReadOnlySpan<byte> frames, Span<byte> output) =>
        ZstdNative.ThrowIfError(
            ZstdNative.Decompress(
                _context,
                ref MemoryMarshal.GetReference(output),
                (nuint)output.Length,
                in MemoryMarshal.GetReference(frames),
                (nuint)frames.Length
            )
        );

    /// <summary>Goes on where the last call ended, as far as input and output reach.</summary>
    /// <returns>True at the end of a frame whose content is all written.</returns>
    /// <exception cref="ZstdException">The frame is damaged.</exception>
    public bool DecompressSome(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        nuint inputAt = 0;
        nuint outputAt = 0;
        var wanted = ZstdNative.DecompressStream(
            _context,
            ref MemoryMarshal.GetReference(output),
            (nuint)output.Length,
            ref outputAt,
            in MemoryMarshal.GetReference(input),
            (nuint)input.Length,
            ref inputAt
        );
        (consumed, written) = ((int)inputAt, (int)outputAt);
        return ZstdNative.ThrowIfError(wanted) == 0;
    }

    public void Dispose() => _context.Dispose();
}
