namespace Resurgam.Core.Vaults.Format;

/// <summary>An index file, opened and unpacked: which blobs lie in which packs.</summary>
public static class IndexDocument
{
    public static byte[] Write(IEnumerable<IndexedPack> packs) => throw new NotSupportedException();

    public static List<IndexedPack> Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}

/// <summary>A pack and all of its blobs.</summary>
/// <param name="Id">SHA-256 of the pack file.</param>
/// <param name="Entries">In any order.</param>
public sealed record IndexedPack(BlobId Id, IReadOnlyList<PackEntry> Entries);
