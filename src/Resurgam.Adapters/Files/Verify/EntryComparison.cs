using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files.Verify;

/// <summary>Holds the entries of a restored folder against those of its snapshot; their contents are not its matter.</summary>
internal sealed class EntryComparison(FolderHandle root)
{
    private readonly bool _isRoot = FileNative.UserId() == 0;
    private readonly UserNames _names = UserNames.Read();
    private readonly List<string> _differences = [];

    public int Entries { get; private set; }

    /// <summary>In words, each with its path.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <exception cref="IOException">It cannot be looked at.</exception>
    public void Add(string path, TreeNode node)
    {
        if (node.Type == NodeType.Socket || (!_isRoot && node.Type is NodeType.Device or NodeType.CharacterDevice))
            return; // the restore makes none, and says so
        Entries++;
        using FolderCursor cursor = new(root);
        var folder = cursor.Find(TreePath.ParentOf(path));
        var name = TreePath.NameOf(path);
        var difference = folder?.Find(name) is { } there ? FindDifference(folder, name, there, node) : "is not there";
        if (difference is not null)
            _differences.Add($"/{path} {difference}");
    }

    private string? FindDifference(FolderHandle folder, string name, FileStatus there, TreeNode node)
    {
        if (there.Type != node.Type)
            return $"is of type {there.Type}, and was of {node.Type}";
        if (node.Type == NodeType.File && there.SizeBytes != node.SizeBytes)
            return $"has {there.SizeBytes} bytes, and had {node.SizeBytes}";
        if (node.Type == NodeType.SymbolicLink && folder.ReadLink(name) != node.LinkTarget)
            return $"leads to {folder.ReadLink(name)}, and led to {node.LinkTarget}";
        if (node.Type is NodeType.Device or NodeType.CharacterDevice && there.Device != node.Device)
            return "is another device";
        if (node.Type != NodeType.SymbolicLink && there.Mode != node.Mode)
            return $"has mode {Convert.ToString(there.Mode, 8)}, and had {Convert.ToString(node.Mode, 8)}";
        if (there.ModifiedAt != node.ModifiedAt)
            return "has another time of change";
        if (_isRoot && there.UserId != UserOf(node))
            return $"belongs to {there.UserId}, and belonged to {UserOf(node)}";
        return node.ExtendedAttributes.Count > 0 && !HasAttributes(folder, name, node)
            ? "lacks extended attributes"
            : null;
    }

    private uint UserOf(TreeNode node) => (node.User is { } name ? _names.FindUser(name) : null) ?? node.UserId;

    private static bool HasAttributes(FolderHandle folder, string name, TreeNode node)
    {
        var there = folder.ReadAttributes(name);
        return node.ExtendedAttributes.All(wanted =>
            there.Find(other => other.Name == wanted.Name) is { } found
            && found.Value.Span.SequenceEqual(wanted.Value.Span)
        );
    }
}
