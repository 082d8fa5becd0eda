namespace Resurgam.Core.Vaults.Format;

public enum NodeType
{
    File,
    Directory,
    SymbolicLink,

    /// <summary>A block device.</summary>
    Device,
    CharacterDevice,
    Fifo,
    Socket,
}

/// <summary>The types as trees name them.</summary>
internal static class NodeTypes
{
    private static readonly NodeType[] All = Enum.GetValues<NodeType>();

    public static ReadOnlySpan<byte> NameOf(NodeType type) =>
        type switch
        {
            NodeType.File => "file"u8,
            NodeType.Directory => "dir"u8,
            NodeType.SymbolicLink => "symlink"u8,
            NodeType.Device => "dev"u8,
            NodeType.CharacterDevice => "chardev"u8,
            NodeType.Fifo => "fifo"u8,
            NodeType.Socket => "socket"u8,
        };

    public static NodeType? Find(ReadOnlySpan<byte> name)
    {
        foreach (var type in All)
            if (name.SequenceEqual(NameOf(type)))
                return type;
        return null;
    }
}
