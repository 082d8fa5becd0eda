using System.Runtime.InteropServices;

namespace Resurgam.Core.Compression;

/// <summary>The C functions of zstd 1.4 and later (zstd.h). Linked into the one file; elsewhere the system's library serves.</summary>
internal static partial class ZstdNative
{
    private const string Library = "libzstd.so.1";

    /// <returns>Bytes written, or an error.</returns>
    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    public static partial nuint Compress(
        ZstdCompressionContext context,
        ref byte output,
        nuint outputLength,
        ref readonly byte input,
        nuint inputLength,
        int level
    );

    /// <returns>Bytes written, or an error.</returns>
    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    public static partial nuint Decompress(
        ZstdDecompressionContext context,
        ref byte output,
        nuint outputLength,
        ref readonly byte input,
        nuint inputLength
    );

    /// <returns>0 at the end of a frame, else a guess at the bytes that are wanted next, or an error.</returns>
    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream_simpleArgs")]
    public static partial nuint DecompressStream(
        ZstdDecompressionContext context,
        ref byte output,
        nuint outputLength,
        ref nuint outputAt,
        ref readonly byte input,
        nuint inputLength,
        ref nuint inputAt
    );

    /// <returns>The two highest values: not stated, and not a frame.</returns>
    [LibraryImport(Library, EntryPoint = "ZSTD_getFrameContentSize")]
    public static partial ulong FrameContentSize(ref readonly byte input, nuint inputLength);

    /// <exception cref="ZstdException">The result is an error.</exception>
    public static int ThrowIfError(nuint result)
    {
        if (IsError(result) == 0)
            return checked((int)result);
        throw new ZstdException(Marshal.PtrToStringUTF8(ErrorName(result)) ?? "unknown error");
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    internal static partial nint CreateCompression();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    internal static partial nuint FreeCompression(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    internal static partial nint CreateDecompression();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    internal static partial nuint FreeDecompression(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint ErrorName(nuint result);
}
