using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Files.Restore;
using Resurgam.Core.Git;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Git.Restore;

/// <summary>Where repositories are restored to.</summary>
public sealed record GitRestoreRequest
{
    /// <summary>The folder, absolute; made when it is not there. Each repository is a bare one below it, under its name.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the only one that is wanted; null: all.</summary>
    public string? Repository { get; init; }

    /// <summary>What is there may be compared and replaced.</summary>
    public bool IsDelta { get; init; }

    public bool IsDryRun { get; init; }
}

/// <param name="Repositories">Those that were restored.</param>
public sealed record GitRestoreResult(
    GitRecord Record,
    IReadOnlyList<RepositoryRecord> Repositories,
    long BytesTotal,
    long BytesWritten,
    IReadOnlyList<string> Notes
);

/// <summary>Restores bare repositories that any git clones. What was cut off goes on when it is run again.</summary>
public sealed class GitRestore(Vault vault, GitRestoreRequest request, IWorkProgress progress)
{
    private readonly List<string> _notes = [];

    public async Task<GitRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        var record = await ReadRecordAsync(new SnapshotReader(snapshot.Repository, blobs), snapshot, cancellationToken);
        var chosen = Choose(record, snapshot);
        if (request.IsDelta)
            foreach (var repository in chosen)
                RefuseLooseRefs(PathOf(repository));

        var result = await new FilesRestore(vault, FilesOf(), progress).RunAsync(snapshot, cancellationToken);
        _notes.AddRange(result.Notes);
        if (!request.IsDryRun)
            foreach (var repository in chosen)
                await CompareAsync(repository, cancellationToken);
        foreach (var old in chosen.Where(repository => repository.SeenAt < record.StartedAt))
            _notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{old.Name} is as it was at {old.SeenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: it could not be reached when the snapshot was taken"
                )
            );
        return new GitRestoreResult(record, chosen, result.BytesTotal, result.BytesWritten, _notes);
    }

    public static async Task<GitRecord> ReadRecordAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var json = await reader.FindFileAsync(snapshot, GitRecord.Path, cancellationToken);
        return json is null ? throw GitRecord.Missing(snapshot.Id.Short) : GitRecord.Read(json, snapshot.Id.Short);
    }

    /// <summary>Where a repository lies after the restore.</summary>
    internal string PathOf(RepositoryRecord repository) =>
        request.Repository is null ? Path.Combine(request.Target, $"{repository.Name}.git") : request.Target;

    private IReadOnlyList<RepositoryRecord> Choose(GitRecord record, SnapshotEntry snapshot) =>
        request.Repository is not { } wanted
            ? record.Repositories
            : [record.Find(wanted) ?? throw RestoreProblems.NoRepository(snapshot.Id.Short, wanted)];

    private FilesRestoreRequest FilesOf() =>
        new()
        {
            Target = request.Target,
            Path = request.Repository is { } wanted ? RepositoryRecord.FolderOf(wanted) : GitRecord.Folder,
            IsDelta = request.IsDelta,
            IsDryRun = request.IsDryRun,
        };

    /// <summary>A ref in a file of its own counts more than the list that is restored.</summary>
    private static void RefuseLooseRefs(string repository)
    {
        var refs = Path.Combine(repository, "refs");
        if (
            Directory.Exists(refs)
            && Directory.EnumerateFiles(refs, "*", SearchOption.AllDirectories).FirstOrDefault() is { } file
        )
            throw RestoreProblems.LooseRefs(repository, file);
    }

    private async Task CompareAsync(RepositoryRecord repository, CancellationToken cancellationToken)
    {
        var folder = PathOf(repository);
        try
        {
            var packed = await File.ReadAllBytesAsync(Path.Combine(folder, "packed-refs"), cancellationToken);
            if (GitRefs.TryReadPacked(packed)?.Digest != repository.RefsDigest)
                throw RestoreProblems.OtherRefs(folder);
        }
        catch (IOException e)
        {
            throw TargetProblems.From(folder, e);
        }
        _notes.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{repository.Name}: {repository.Refs} refs, each as recorded; 'git clone {folder}'"
            )
        );
    }
}
