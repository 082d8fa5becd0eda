using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>What is restored, by the way it is done. Paths are those below the target.</summary>
internal sealed class RestoreFiles
{
    private RestoreFiles() { }

    /// <summary>Metadata for the target itself; null when no folder of the snapshot becomes it.</summary>
    public TreeNode? Root { get; private init; }

    /// <summary>Parents first.</summary>
    public List<FileEntry> Folders { get; } = [];

    /// <summary>Files whose content is written; of hard links the first.</summary>
    public List<FileEntry> Regular { get; } = [];

    /// <summary>Further names of files, and the first.</summary>
    public List<(FileEntry Link, FileEntry First)> HardLinks { get; } = [];

    /// <summary>Symbolic links, fifos and devices.</summary>
    public List<FileEntry> Others { get; } = [];

    /// <param name="path">What was asked for: a folder becomes the target itself, everything else lies in it.</param>
    public static RestoreFiles From(FileTable table, string path)
    {
        var root = path.Length > 0 && table.TryFind(path, out var entry) ? entry.Node : null;
        var isFolder = root is { Type: NodeType.Directory };
        var cut =
            isFolder ? path.Length + 1
            : path.Length > 0 ? path.Length - TreePath.NameOf(path).Length
            : 0;
        RestoreFiles files = new() { Root = isFolder ? root : null };
        Dictionary<(ulong Device, ulong Inode), FileEntry> linked = [];
        foreach (var found in table.Entries.OrderBy(e => e.Path, StringComparer.Ordinal))
            if (found.Path.Length >= cut && found.Path[cut..] is var below and not RestoreMarker.FileName)
                files.Add(found with { Path = below }, linked, table.Contents);
        return files;
    }

    private void Add(FileEntry entry, Dictionary<(ulong Device, ulong Inode), FileEntry> linked, ContentLists contents)
    {
        var node = entry.Node;
        if (node.Type == NodeType.Directory)
            Folders.Add(entry);
        else if (node.Type != NodeType.File)
            Others.Add(entry);
        else if (node.Links < 2 || linked.TryAdd((node.DeviceId, node.Inode), entry))
            Regular.Add(entry);
        else if (linked[(node.DeviceId, node.Inode)] is var first && IsSame(entry, first, contents))
            HardLinks.Add((entry, first));
        else
            Regular.Add(entry); // a snapshot of a changing file: its names hold what they held
    }

    private static bool IsSame(FileEntry a, FileEntry b, ContentLists contents) =>
        a.Content == b.Content
        || (
            a.Content.Count == b.Content.Count
            && contents.Read(a.Content).AsSpan().SequenceEqual(contents.Read(b.Content))
        );
}
