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
