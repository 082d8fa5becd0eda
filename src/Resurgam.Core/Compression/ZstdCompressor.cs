using System.Runtime.InteropServices;

namespace Resurgam.Core.Compression;

/// <summary>Makes zstd frames (RFC 8878) that state their length. Not thread-safe.</summary>
/// <param name="level">1 to 22.</param>
public sealed class ZstdCompressor(int level) : IDisposable
{
    private readonly ZstdCompressionContext _context = new();

    /// <summary>Room that any input of this length fits into when compressed (ZSTD_COMPRESSBOUND in zstd.h).</summary>
    public static int BoundFor(int inputBytes)
    {
        var perBlock = inputBytes < 128 << 10 ? ((128 << 10) - inputBytes) >> 11 : 0;
        return inputBytes + (inputBytes >> 8) + perBlock;
    }

    /// <summary>Writes one frame at the start of <paramref name="output"/>.</summary>
    /// <returns>Its length.</returns>
    /// <exception cref="ZstdException">The output is shorter than <see cref="BoundFor"/> and the frame does not fit.</exception>
    public int Compress(ReadOnlySpan<byte> input, Span<byte> output) =>
        ZstdNative.ThrowIfError(
            ZstdNative.Compress(
                _context,
                ref MemoryMarshal.GetReference(output),
                (nuint)output.Length,
                in MemoryMarshal.GetReference(input),
                (nuint)input.Length,
                level
            )
        );

    public void Dispose() => _context.Dispose();
}
