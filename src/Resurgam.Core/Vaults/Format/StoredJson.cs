namespace Resurgam.Core.Vaults.Format;

/// <summary>How index, snapshot and lock files look before sealing and after opening.</summary>
public static class StoredJson
{
    /// <summary>The byte 2 and zstd, or the document itself where that is no longer.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> json) => throw new NotSupportedException();

    /// <param name="stored">Begins with <c>{</c> or <c>[</c> (as it is) or 2 (zstd).</param>
    /// <param name="maxBytes">A longer document is refused before it is in memory.</param>
    public static byte[] Unpack(ReadOnlySpan<byte> stored, long maxBytes) => throw new NotSupportedException();
}
