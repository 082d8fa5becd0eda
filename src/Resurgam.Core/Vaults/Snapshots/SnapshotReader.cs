using System.Runtime.CompilerServices;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>Walks the trees of a snapshot.</summary>
public sealed class SnapshotReader(Repository repository, BlobReader blobs)
{
    /// <summary>Every entry below <paramref name="path"/>, parents before children, names in byte order.</summary>
    /// <param name="path">Empty for all; a folder or a single file else, without a slash in front.</param>
    /// <returns>Pairs of a path from the snapshot's root and its node, content included.</returns>
    /// <exception cref="Problems.ResurgamException">There is no such path, or a tree is damaged.</exception>
    public IAsyncEnumerable<(string Path, TreeNode Node)> WalkAsync(
        SnapshotEntry snapshot,
        string path,
        CancellationToken cancellationToken
    ) => WalkAsync(snapshot, path, damaged: null, cancellationToken);

    /// <summary>Every entry below <paramref name="path"/>, as far as the trees can be read.</summary>
    /// <param name="damaged">Told the path of each folder whose tree cannot be read; null: the first one ends the walk.</param>
    /// <inheritdoc cref="WalkAsync(SnapshotEntry, string, CancellationToken)"/>
    public async IAsyncEnumerable<(string Path, TreeNode Node)> WalkAsync(
        SnapshotEntry snapshot,
        string path,
        Action<string, Problem>? damaged,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Stack<(string Path, TreeNode Node)> left = new();
        if (path.Length == 0)
            await PushAsync(left, "", snapshot.Document.Tree, damaged, cancellationToken);
        else
            left.Push((path, await FindAsync(snapshot, path, cancellationToken)));
        while (left.TryPop(out var entry))
        {
            yield return entry;
            if (entry.Node.Subtree is { } tree)
                await PushAsync(left, entry.Path + "/", tree, damaged, cancellationToken);
        }
    }

    /// <exception cref="Problems.ResurgamException">There is no such path.</exception>
    public async Task<TreeNode> FindAsync(SnapshotEntry snapshot, string path, CancellationToken cancellationToken)
    {
        var tree = (BlobId?)snapshot.Document.Tree;
        TreeNode? node = null;
        foreach (var name in path.Split('/'))
        {
            node = tree is { } id ? (await ReadTreeAsync(id, cancellationToken)).Find(n => n.Name == name) : null;
            if (node is null)
                throw VaultProblems.NoPath(path, snapshot.Id.Short);
            tree = node.Subtree;
        }
        return node ?? throw VaultProblems.NoPath(path, snapshot.Id.Short);
    }

    /// <summary>The content of a small file, for our own records in a snapshot; null when the path is not there.</summary>
    public async Task<byte[]?> FindFileAsync(SnapshotEntry snapshot, string path, CancellationToken cancellationToken)
    {
        var tree = (BlobId?)snapshot.Document.Tree;
        TreeNode? node = null;
        foreach (var name in path.Split('/'))
        {
            node = tree is { } id ? (await ReadTreeAsync(id, cancellationToken)).Find(n => n.Name == name) : null;
            tree = node?.Subtree;
        }
        if (node is null)
            return null;
        using MemoryStream content = new();
        await CopyToAsync(node, content, cancellationToken);
        return content.ToArray();
    }

    public async Task CopyToAsync(TreeNode file, Stream output, CancellationToken cancellationToken)
    {
        for (var i = 0; i < file.Content.Length; i++)
            await output.WriteAsync(await blobs.ReadAsync(file.Content.Span[i], cancellationToken), cancellationToken);
    }

    /// <summary>Reads all trees below a path into a table; the lists of blobs go to scratch.</summary>
    public async Task<FileTable> LoadAsync(
        SnapshotEntry snapshot,
        string path,
        ContentLists contents,
        CancellationToken cancellationToken
    )
    {
        FileTable table = new(contents);
        await foreach (var (entryPath, node) in WalkAsync(snapshot, path, cancellationToken))
            table.Add(entryPath, node with { Content = default }, node.Content.Span);
        return table;
    }

    private async Task PushAsync(
        Stack<(string Path, TreeNode Node)> left,
        string prefix,
        BlobId tree,
        Action<string, Problem>? damaged,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var nodes = await ReadTreeAsync(tree, cancellationToken);
            for (var i = nodes.Count - 1; i >= 0; i--)
                left.Push((prefix + nodes[i].Name, nodes[i]));
        }
        catch (ResurgamException e) when (damaged is not null && e.Problem.Remedy == Remedy.Fix)
        {
            damaged(prefix.TrimEnd('/'), e.Problem);
        }
    }

    private async Task<List<TreeNode>> ReadTreeAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (repository.Index.BlobCount == 0)
            await repository.LoadIndexAsync(cancellationToken);
        return TreeReader.Read(await blobs.ReadAsync(id, cancellationToken));
    }
}
