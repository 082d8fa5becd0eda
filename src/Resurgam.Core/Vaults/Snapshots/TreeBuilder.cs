using System.Buffers;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>Writes the tree blobs of a file table, deepest folders first.</summary>
internal sealed class TreeBuilder(FileTable table, BlobLane lane)
{
    private static readonly TreeNode UnknownFolder = new()
    {
        Name = "",
        Type = NodeType.Directory,
        Mode = 0x1C0, // 0700
    };

    private readonly Dictionary<string, List<FileEntry>> _folders = new(StringComparer.Ordinal);

    /// <summary>An id in quotes, with its comma.</summary>
    private const int JsonBytesPerBlob = 2 * BlobId.LengthBytes + 3;

    /// <summary>All else that a node says: rarely more, and then the buffer grows.</summary>
    private const int JsonBytesPerNode = 512;

    private ArrayBufferWriter<byte> _json = new();

    /// <returns>Id of the root's tree.</returns>
    public async Task<BlobId> WriteAsync(CancellationToken cancellationToken)
    {
        Group();
        BlobId root = default;
        foreach (var path in _folders.Keys.OrderByDescending(Depth).ToList())
        {
            var id = await WriteFolderAsync(_folders[path], cancellationToken);
            _folders.Remove(path);
            if (path.Length == 0)
                root = id;
            else
                AddSubtree(path, id);
        }
        return root;
    }

    /// <summary>Sorts the entries into their folders. A folder that was never added gets default metadata.</summary>
    private void Group()
    {
        Folder("");
        foreach (var entry in table.Entries)
        {
            Folder(ParentOf(entry.Path)).Add(entry);
            if (entry.Node.Type == NodeType.Directory)
                Folder(entry.Path);
        }
        foreach (var path in _folders.Keys.ToList())
            for (var folder = path; folder.Length > 0; folder = ParentOf(folder))
            {
                if (table.TryFind(folder, out _))
                    break;
                var node = UnknownFolder with { Name = NameOf(folder) };
                var entry = new FileEntry(folder, node, default);
                table.Add(entry);
                Folder(ParentOf(folder)).Add(entry);
            }
    }

    private List<FileEntry> Folder(string path)
    {
        if (!_folders.TryGetValue(path, out var entries))
            _folders.Add(path, entries = []);
        return entries;
    }

    private void AddSubtree(string path, BlobId tree)
    {
        var siblings = _folders[ParentOf(path)];
        var at = siblings.FindIndex(entry => entry.Path == path);
        siblings[at] = siblings[at] with { Node = siblings[at].Node with { Subtree = tree } };
    }

    private async Task<BlobId> WriteFolderAsync(List<FileEntry> entries, CancellationToken cancellationToken)
    {
        entries.Sort(static (a, b) => FileNames.CompareBytes(NameOf(a.Path), NameOf(b.Path)));
        Empty(entries.Sum(entry => JsonBytesPerNode + (long)JsonBytesPerBlob * entry.Content.Count));
        TreeWriter writer = new(_json);
        foreach (var entry in entries)
            writer.Add(
                entry.Node with
                {
                    Name = NameOf(entry.Path),
                    Content = entry.Node.Type == NodeType.File ? table.Contents.Read(entry.Content) : default,
                }
            );
        writer.Complete();
        var id = BlobId.Of(_json.WrittenSpan);
        await lane.StoreAsync(id, _json.WrittenMemory, cancellationToken);
        return id;
    }

    /// <summary>A tree of megabytes would leave all the smaller buffers behind that it grew out of.</summary>
    private void Empty(long expectedBytes)
    {
        _json.ResetWrittenCount();
        if (_json.Capacity < expectedBytes)
            _json = new ArrayBufferWriter<byte>((int)expectedBytes);
    }

    private static int Depth(string path) => path.Length == 0 ? 0 : path.Count(c => c == '/') + 1;

    private static string ParentOf(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
