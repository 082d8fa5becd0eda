namespace Resurgam.Core.Vaults.Format;

/// <summary>Reads the tree blob of one directory.</summary>
public static class TreeReader
{
    public static List<TreeNode> Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}
