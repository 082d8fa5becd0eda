using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>The lists of blobs that files consist of, kept in scratch: a terabyte has a gigabyte of them.</summary>
public sealed class ContentLists(IScratch scratch) : IDisposable
{
    private readonly IScratchFile _ids = scratch.Create();

    public ContentRange Append(ReadOnlySpan<BlobId> ids) =>
        ids.IsEmpty ? default : new ContentRange(_ids.Append(MemoryMarshal.AsBytes(ids)), ids.Length);

    /// <param name="ids">Exactly <c>range.Count</c> ids.</param>
    public void Read(ContentRange range, Span<BlobId> ids) => _ids.Read(range.Offset, MemoryMarshal.AsBytes(ids));

    public BlobId[] Read(ContentRange range)
    {
        if (range.Count == 0)
            return [];
        var ids = new BlobId[range.Count];
        Read(range, ids);
        return ids;
    }

    public void Dispose() => _ids.Dispose();
}

/// <param name="Offset">In scratch, in bytes.</param>
/// <param name="Count">Number of ids.</param>
public readonly record struct ContentRange(long Offset, int Count)
{
    public ContentRange Slice(int first, int count) => new(Offset + (long)first * BlobId.LengthBytes, count);
}

/// <param name="Path">From the snapshot's root, without a slash in front: <c>pgdata/base/5/1259</c>.</param>
/// <param name="Node">Its metadata; <c>Content</c> is empty, see <paramref name="Content"/>.</param>
public sealed record FileEntry(string Path, TreeNode Node, ContentRange Content);

/// <summary>All files and folders of one snapshot by path. Adding is thread-safe.</summary>
public sealed class FileTable(ContentLists contents)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FileEntry> _entries = new(StringComparer.Ordinal);

    public ContentLists Contents { get; } = contents;

    public int Count => _entries.Count;

    /// <summary>In no particular order; not while entries are added.</summary>
    public IReadOnlyCollection<FileEntry> Entries => _entries.Values;

    public void Add(string path, TreeNode node, ReadOnlySpan<BlobId> content) =>
        Add(new FileEntry(path, node, Contents.Append(content)));

    /// <summary>Adds an entry whose content is in the same <see cref="Contents"/>; a path that is there is replaced.</summary>
    public void Add(FileEntry entry)
    {
        lock (_gate)
            _entries[entry.Path] = entry;
    }

    public bool TryFind(string path, [NotNullWhen(true)] out FileEntry? entry) => _entries.TryGetValue(path, out entry);
}
