using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>What of a snapshot is restored, and where to.</summary>
public sealed record FilesRestoreRequest
{
    /// <summary>The folder, absolute; made when it is not there.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// A path of the snapshot without a slash in front: what is in that folder goes into the target, a file goes there
    /// under its name. Empty: everything, under the paths it had.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>What is there is compared, kept where it is equal and replaced where not; what is not of the snapshot stays.</summary>
    public bool IsDelta { get; init; }

    /// <summary>Nothing is written: the notes say what would be.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>More that belongs there, done when all files are durable and before the target counts as whole.</summary>
    public Func<CancellationToken, Task>? BeforeComplete { get; init; }
}

/// <param name="BytesWritten">What differed from what was there.</param>
/// <param name="Notes">What a person should know, in words: what could not be given back for want of rights, what was left.</param>
public sealed record FilesRestoreResult(long BytesTotal, long BytesWritten, IReadOnlyList<string> Notes)
{
    /// <summary>What the entries lack, of which the notes tell.</summary>
    public Withheld Withheld { get; init; }
}

/// <summary>
/// Restores files of any snapshot, of ours or of stock restic. Nothing is written outside of the target, and nothing
/// through a link in it. What was cut off goes on when it is run again: the target is marked until all is durable.
/// </summary>
public sealed class FilesRestore(Vault vault, FilesRestoreRequest request, IWorkProgress progress)
{
    public async Task<FilesRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        progress.Stage($"reading snapshot {snapshot.Id.Short}");
        using ContentLists contents = new(vault.Host.Scratch);
        SortedSet<string> damage = new(StringComparer.Ordinal);
        var files = await ReadFilesAsync(snapshot, contents, damage, cancellationToken);
        RestoreMarker marker = new(snapshot.Id.Hex, request.Path);
        var isDelta = TargetFolder.Check(request.Target, marker, request.IsDelta);
        var total = files.Regular.Sum(file => file.Node.SizeBytes);
        var notes = isDelta ? Survey(files) : new TargetNotes();
        if (request.IsDryRun && isDelta)
            return await CompareAsync(snapshot, files, contents, notes, cancellationToken);
        if (request.IsDryRun)
            return new FilesRestoreResult(total, 0, [Describe(files, total), .. notes.All]);

        using var folder = TargetFolder.Begin(request.Target, marker);
        TargetMetadata metadata = new(notes);
        using TargetTree tree = new(folder.Root, files, metadata, notes);
        tree.MakeFolders();
        progress.Stage($"restoring to {request.Target}");
        progress.Expect(total);
        using FilesTarget target = new(folder.Root, files.Regular, metadata, isDelta);
        using SnapshotRestorer restorer = new(snapshot.Repository, vault.Host, progress);
        await restorer.RestoreAsync(files.Regular, contents, target, cancellationToken);
        tree.MakeLinksAndNodes();

        progress.Stage("syncing to disk");
        tree.FinishFolders();
        tree.Sync();
        damage.UnionWith(restorer.Damage);
        if (damage.Count > 0)
            throw RestoreProblems.Damaged(request.Target, damage);
        if (request.BeforeComplete is { } finish)
            await finish(cancellationToken);
        folder.Complete(tree.FinishRoot);
        return new FilesRestoreResult(total, restorer.BytesWritten, notes.All) { Withheld = notes.Withheld };
    }

    /// <summary>What a restore to where nothing is would take of the disk.</summary>
    public async Task<long> MeasureRoomAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        progress.Stage($"reading snapshot {snapshot.Id.Short}");
        using ContentLists contents = new(vault.Host.Scratch);
        var files = await ReadFilesAsync(snapshot, contents, [], cancellationToken);
        return new RestoreRoom(snapshot.Repository.Index).BytesOf(files.Regular, contents);
    }

    /// <summary>Everything below the wanted path, as it will lie below the target.</summary>
    private async Task<RestoreFiles> ReadFilesAsync(
        SnapshotEntry snapshot,
        ContentLists contents,
        SortedSet<string> damage,
        CancellationToken cancellationToken
    )
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        FileTable table = new(contents);
        await foreach (
            var (path, node) in reader.WalkAsync(
                snapshot,
                request.Path,
                (path, problem) => damage.Add($"everything in /{path}: {problem.What}"),
                cancellationToken
            )
        )
            table.Add(path, node with { Content = default }, node.Content.Span);
        return RestoreFiles.From(table, request.Path);
    }

    /// <summary>Looks at what is in the target before even its mark is made.</summary>
    private TargetNotes Survey(RestoreFiles files)
    {
        using var root = FolderHandle.Open(request.Target);
        TargetNotes found = new();
        using TargetTree tree = new(root, files, new TargetMetadata(found), found);
        tree.Survey();
        return found;
    }

    private async Task<FilesRestoreResult> CompareAsync(
        SnapshotEntry snapshot,
        RestoreFiles files,
        ContentLists contents,
        TargetNotes notes,
        CancellationToken cancellationToken
    )
    {
        var total = files.Regular.Sum(file => file.Node.SizeBytes);
        progress.Stage($"comparing with {request.Target}");
        using var root = FolderHandle.Open(request.Target);
        progress.Expect(total);
        using FilesTarget target = new(root, files.Regular, new TargetMetadata(notes), isDelta: true)
        {
            OnlyCompares = true,
        };
        using SnapshotRestorer restorer = new(snapshot.Repository, vault.Host, progress) { OnlyCompares = true };
        await restorer.RestoreAsync(files.Regular, contents, target, cancellationToken);
        ByteSize bytes = new(restorer.BytesWritten);
        return new FilesRestoreResult(
            total,
            bytes.Bytes,
            [Describe(files, total), DeltaWords.Written(files.Regular.Count, restorer.Changed, bytes), .. notes.All]
        );
    }

    private string Describe(RestoreFiles files, long total) =>
        $"would restore {files.Regular.Count} files of {new ByteSize(total)}, {files.Folders.Count} folders and "
        + $"{files.Others.Count + files.HardLinks.Count} links and other entries to {request.Target}";
}
