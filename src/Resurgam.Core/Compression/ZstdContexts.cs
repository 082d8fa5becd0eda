using Microsoft.Win32.SafeHandles;

namespace Resurgam.Core.Compression;

internal sealed class ZstdCompressionContext : SafeHandleZeroOrMinusOneIsInvalid
{
    public ZstdCompressionContext()
        : base(ownsHandle: true)
    {
        SetHandle(ZstdNative.CreateCompression());
        Problems.Require.That(!IsInvalid, "zstd has no memory for a context");
    }

    protected override bool ReleaseHandle() => ZstdNative.FreeCompression(handle) == 0;
}

internal sealed class ZstdDecompressionContext : SafeHandleZeroOrMinusOneIsInvalid
{
    public ZstdDecompressionContext()
        : base(ownsHandle: true)
    {
        SetHandle(ZstdNative.CreateDecompression());
        Problems.Require.That(!IsInvalid, "zstd has no memory for a context");
    }

    protected override bool ReleaseHandle() => ZstdNative.FreeDecompression(handle) == 0;
}
