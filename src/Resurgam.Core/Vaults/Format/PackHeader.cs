namespace Resurgam.Core.Vaults.Format;

/// <summary>The table of contents at the end of a pack.</summary>
public static class PackHeader
{
    /// <summary>Most that the sealed header and its length field may have together.</summary>
    public const int MaxBytes = (16 << 20) + sizeof(uint);

    /// <summary>The header, not yet sealed.</summary>
    public static byte[] Write(ReadOnlySpan<PackEntry> entries) => throw new NotSupportedException();

    /// <param name="plainHeader">The opened header, without the length field.</param>
    public static List<PackEntry> Read(ReadOnlySpan<byte> plainHeader) => throw new NotSupportedException();

    /// <summary>What sealed header and length field add to a pack.</summary>
    public static int StoredTailBytes(ReadOnlySpan<PackEntry> entries) => throw new NotSupportedException();

    /// <summary>The most that sealed header and length field of that many entries add to a pack.</summary>
    public static int StoredTailBytes(int entries) => throw new NotSupportedException();
}
