using System.Buffers;

namespace Resurgam.Core.Vaults.Format;

/// <summary>Writes the tree blob of one directory: <c>{"nodes":[...]}</c> and a newline.</summary>
public sealed class TreeWriter(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> _output = output;

    /// <summary>Adds a node, whose name comes after that of the node before, byte by byte.</summary>
    public void Add(TreeNode node)
    {
        _output.Write([]);
        throw new NotSupportedException();
    }

    public void Complete()
    {
        _output.Write([]);
        throw new NotSupportedException();
    }
}
