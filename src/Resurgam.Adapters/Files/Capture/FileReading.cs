using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Capture;

/// <summary>Reads the contents of files with several workers and adds them to the snapshot.</summary>
/// <param name="prefix">Path of the folder in the snapshot.</param>
internal sealed class FileReading(
    FolderHandle root,
    string prefix,
    NodeMaker nodes,
    SnapshotWriter snapshot,
    CaptureFindings findings,
    IWorkProgress progress
)
{
    private long _bytesRead;

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public async Task ReadAllAsync(IEnumerable<FoundFile> files, int workers, CancellationToken cancellationToken)
    {
        ConcurrentQueue<FoundFile> queue = new(files);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            Math.Min(workers, queue.Count),
            parallel,
            async (_, token) =>
            {
                using var lane = snapshot.OpenLane();
                using FolderCursor cursor = new(root);
                while (queue.TryDequeue(out var file))
                    await ReadAsync(file, cursor, lane, token);
                lane.Flush();
            }
        );
    }

    /// <summary>Reads under the first of its names that is still there.</summary>
    private async Task ReadAsync(
        FoundFile file,
        FolderCursor cursor,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        foreach (var path in file.Paths)
        {
            try
            {
                if (cursor.Find(TreePath.ParentOf(path)) is not { } folder)
                    continue;
                var name = TreePath.NameOf(path);
                using var handle = folder.OpenToRead(name);
                if (await ReadAsync(handle, root.PathOf(path), lane, cancellationToken) is not { } content)
                    continue;
                var node = nodes.Make(name, content.Status, folder) with { SizeBytes = content.LengthBytes };
                Add(file, node, content.Ids);
                Interlocked.Add(ref _bytesRead, content.LengthBytes);
                return;
            }
            catch (Exception e) when (CaptureFindings.IsGone(e))
            {
                continue;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                findings.Add(CaptureFindings.Describe(root.PathOf(path), e));
                return;
            }
        }
    }

    /// <summary>A file that changes under our eyes is read once more, and then taken as it is.</summary>
    /// <returns>Null when it is no regular file any more.</returns>
    private async Task<FileContent?> ReadAsync(
        SafeFileHandle handle,
        string path,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        for (var isLast = false; ; isLast = true)
        {
            var before = FileStatus.Of(handle);
            if (before.Type != NodeType.File)
                return null;
            using FileBytes bytes = new(handle, progress);
            var (ids, length) = await lane.StoreStreamAsync(bytes, cancellationToken);
            var after = FileStatus.Of(handle);
            var isSteady =
                before.ModifiedAt == after.ModifiedAt
                && before.SizeBytes == after.SizeBytes
                && after.SizeBytes == length;
            if (!isSteady && !isLast)
                continue;
            if (!isSteady)
                findings.Add($"changed while it was read, twice: {path}");
            return new FileContent(before, ids, length);
        }
    }

    private void Add(FoundFile file, TreeNode node, IReadOnlyList<BlobId> ids)
    {
        var content = snapshot.Files.Contents.Append([.. ids]);
        foreach (var path in file.Paths)
            snapshot.Files.Add(
                new FileEntry(TreePath.Join(prefix, path), node with { Name = TreePath.NameOf(path) }, content)
            );
    }

    private sealed record FileContent(FileStatus Status, IReadOnlyList<BlobId> Ids, long LengthBytes);
}
