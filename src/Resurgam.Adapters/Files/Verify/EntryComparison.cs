using Resurgam.Adapters.Files.Restore;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files.Verify;

/// <summary>Holds the entries of a restored folder against those of its snapshot; their contents are not its matter.</summary>
/// <param name="withheld">What the restore could not give back, and said so: it is not looked for.</param>
internal sealed class EntryComparison(FolderHandle root, Withheld withheld) : IDisposable
{
    private readonly FolderCursor _cursor = new(root);
    private readonly UserNames _names = UserNames.Read();
    private readonly List<string> _differences = [];

    public int Entries { get; private set; }

    /// <summary>In words, each with its path.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <exception cref="IOException">It cannot be looked at.</exception>
    public void Add(string path, TreeNode node)
    {
        if (node.Type == NodeType.Socket || (Lacks(Withheld.Devices) && IsDevice(node)))
            return;
        Entries++;
        var folder = _cursor.Find(TreePath.ParentOf(path));
        var name = TreePath.NameOf(path);
        var difference = folder?.Find(name) is { } there ? FindDifference(folder, name, there, node) : "is not there";
        if (difference is not null)
            _differences.Add($"/{path} {difference}");
    }

    public void Dispose() => _cursor.Dispose();

    private string? FindDifference(FolderHandle folder, string name, FileStatus there, TreeNode node)
    {
        if (there.Type != node.Type)
            return $"is of type {there.Type}, and was of {node.Type}";
        if (node.Type == NodeType.File && there.SizeBytes != node.SizeBytes)
            return $"has {there.SizeBytes} bytes, and had {node.SizeBytes}";
        if (node.Type == NodeType.SymbolicLink && folder.ReadLink(name) != node.LinkTarget)
            return $"leads to {folder.ReadLink(name)}, and led to {node.LinkTarget}";
        if (IsDevice(node) && there.Device != node.Device)
            return "is another device";
        var mode = Lacks(Withheld.SpecialModes) ? node.Mode & ~TargetMetadata.SpecialBits : node.Mode;
        if (node.Type != NodeType.SymbolicLink && there.Mode != node.Mode && there.Mode != mode)
            return $"has mode {Convert.ToString(there.Mode, 8)}, and had {Convert.ToString(node.Mode, 8)}";
        if (there.ModifiedAt != node.ModifiedAt)
            return "has another time of change";
        if (!Lacks(Withheld.OtherOwners | Withheld.Owners) && there.UserId != UserOf(node))
            return $"belongs to {there.UserId}, and belonged to {UserOf(node)}";
        return !Lacks(Withheld.Attributes) && !HasAttributes(folder, name, node) ? "lacks extended attributes" : null;
    }

    private bool Lacks(Withheld what) => (withheld & what) != 0;

    private static bool IsDevice(TreeNode node) => node.Type is NodeType.Device or NodeType.CharacterDevice;

    private uint UserOf(TreeNode node) => (node.User is { } name ? _names.FindUser(name) : null) ?? node.UserId;

    private static bool HasAttributes(FolderHandle folder, string name, TreeNode node)
    {
        if (node.ExtendedAttributes.Count == 0)
            return true;
        var there = folder.ReadAttributes(name);
        return node.ExtendedAttributes.All(wanted =>
            there.Find(other => other.Name == wanted.Name) is { } found
            && found.Value.Span.SequenceEqual(wanted.Value.Span)
        );
    }
}
