using Resurgam.Core.Assets;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Capture;

/// <summary>What to capture of a file system.</summary>
public sealed record FilesSource
{
    public required string Asset { get; init; }

    /// <summary>The folder, absolute. When it is a link, the folder that it leads to.</summary>
    public required string Path { get; init; }

    public IReadOnlyList<ExcludePattern> Exclude { get; init; } = [];

    public string? PlanHash { get; init; }
}

/// <summary>Takes a snapshot of a folder and all below it, over the borders of file systems, as stock restic would.</summary>
public sealed class FilesCapture(FilesSource source, int workers, IWorkProgress progress)
{
    private readonly UserNames _names = UserNames.Read();

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        var path = source.Path.Length > 1 ? source.Path.TrimEnd('/') : source.Path;
        using var folder = OpenFolder(path);
        NodeMaker nodes = new(_names);
        AddAncestors(path, snapshot.Files, nodes);

        progress.Stage($"reading {source.Asset}");
        CaptureFindings findings = new();
        FolderScan scan = new(folder, path.Trim('/'), source.Exclude, nodes, snapshot.Files, findings);
        var found = scan.Read(cancellationToken);
        ParentFiles parent = new(snapshot, path.Trim('/'));
        progress.Expect(found.Sum(file => file.Status.SizeBytes));
        FileReading reading = new(folder, path.Trim('/'), nodes, snapshot, findings, progress);
        await reading.ReadAllAsync(parent.TakeOver(found, nodes, progress), workers, cancellationToken);

        progress.Stage("writing the snapshot");
        snapshot.Facts = new SnapshotFacts
        {
            Excludes = [.. source.Exclude.Select(pattern => pattern.Text)],
            PlanHash = source.PlanHash,
        };
        var entry = await snapshot.CompleteAsync([path], cancellationToken);
        return new CaptureResult(
            entry,
            reading.BytesRead + parent.BytesTakenOver,
            snapshot.BytesNew,
            snapshot.BytesStored,
            findings.All
        );
    }

    private FolderHandle OpenFolder(string path)
    {
        try
        {
            return FileStatus.FindTarget(path) switch
            {
                null => throw CaptureProblems.NoFolder(source.Asset, path),
                { Type: not NodeType.Directory } => throw CaptureProblems.NotAFolder(source.Asset, path),
                _ => FolderHandle.Open(path),
            };
        }
        catch (IOException e)
        {
            throw CaptureProblems.Unreadable(source.Asset, path, e);
        }
    }

    /// <summary>The folder and those above it, as stock restic has them: links among them count as where they lead.</summary>
    private void AddAncestors(string path, FileTable files, NodeMaker nodes)
    {
        try
        {
            for (var at = path; at.Length > 1; at = "/" + TreePath.ParentOf(at[1..]))
                if (FileStatus.FindTarget(at) is { } status)
                {
                    using var parent = FolderHandle.Open("/" + TreePath.ParentOf(at[1..]));
                    var isLink = parent.Find(TreePath.NameOf(at))?.Type == NodeType.SymbolicLink;
                    files.Add(at[1..], nodes.Make(TreePath.NameOf(at), status, isLink ? null : parent), []);
                }
        }
        catch (IOException e)
        {
            throw CaptureProblems.Unreadable(source.Asset, path, e);
        }
    }
}
