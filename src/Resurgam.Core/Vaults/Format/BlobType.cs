namespace Resurgam.Core.Vaults.Format;

/// <summary>What a blob of a pack is. The two never share a pack.</summary>
public enum BlobType
{
    /// <summary>A piece of a file.</summary>
    Data,

    /// <summary>A directory: JSON, see <see cref="TreeReader"/>.</summary>
    Tree,
}
