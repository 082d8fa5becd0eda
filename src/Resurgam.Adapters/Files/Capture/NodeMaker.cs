using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files.Capture;

/// <summary>Makes the nodes of a snapshot as stock restic makes them, so that both give the same trees.</summary>
internal sealed class NodeMaker(UserNames names)
{
    /// <param name="folder">The folder it lies in, for what an open folder alone tells; null: that is left out.</param>
    /// <exception cref="IOException">Attributes or a link cannot be read.</exception>
    public TreeNode Make(string name, FileStatus status, FolderHandle? folder)
    {
        var node = status.ToNode(name, names);
        return node with
        {
            // Reading changes access times: with them no folder would ever be unchanged.
            AccessedAt = node.ModifiedAt,
            Links = status.Type is NodeType.Directory or NodeType.Fifo ? 0 : status.Links,
            LinkTarget = status.Type == NodeType.SymbolicLink ? folder?.ReadLink(name) : null,
            ExtendedAttributes = folder?.ReadAttributes(name) ?? [],
        };
    }
}
