namespace Resurgam.Core.Vaults.Format;

/// <summary>Reads the tree blob of one directory.</summary>
public static class TreeReader
{
    private const string Document = "tree";

    /// <returns>
    /// In the byte order of the names, none of them twice, none with a slash: each is safe to use as a file name.
    /// </returns>
    public static List<TreeNode> Read(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new(Document, json);
        List<TreeNode>? nodes = null;
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("nodes"u8))
                nodes = ReadNodes(ref document);
            else
                document.SkipValue();
        }
        document.EndDocument();
        return nodes ?? throw document.Malformed("it has no field 'nodes'");
    }

    private static List<TreeNode> ReadNodes(ref DocumentReader document)
    {
        List<TreeNode> nodes = [];
        if (!document.BeginArray())
            return nodes;
        TreeNodeFields fields = new();
        var isSorted = true;
        while (document.NextItem())
        {
            var node = fields.Read(ref document);
            isSorted = isSorted && (nodes.Count == 0 || FileNames.CompareBytes(nodes[^1].Name, node.Name) < 0);
            nodes.Add(node);
        }
        if (!isSorted)
            Sort(ref document, nodes);
        return nodes;
    }

    /// <summary>restic up to 0.14 accepts any order, and so may other writers.</summary>
    private static void Sort(ref DocumentReader document, List<TreeNode> nodes)
    {
        nodes.Sort((a, b) => FileNames.CompareBytes(a.Name, b.Name));
        for (var i = 1; i < nodes.Count; i++)
            if (FileNames.CompareBytes(nodes[i - 1].Name, nodes[i].Name) == 0)
                throw document.Malformed($"it has '{GoQuoting.Quote(nodes[i].Name)}' twice");
    }
}
