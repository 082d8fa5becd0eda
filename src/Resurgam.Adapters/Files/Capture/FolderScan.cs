using Resurgam.Adapters.Stores;
using Resurgam.Core.Assets;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Capture;

/// <summary>A regular file whose content belongs into the snapshot.</summary>
/// <param name="Paths">Below the folder: all names of it that were found, hard links too.</param>
internal sealed record FoundFile(List<string> Paths, FileStatus Status);

/// <summary>
/// Lists what is below a folder: adds everything but regular files to the snapshot, and gives those. What vanishes
/// meanwhile is left out; what cannot be read is a finding.
/// </summary>
/// <param name="prefix">Path of the folder in the snapshot.</param>
internal sealed class FolderScan(
    FolderHandle root,
    string prefix,
    IReadOnlyList<ExcludePattern> exclude,
    NodeMaker nodes,
    FileTable files,
    CaptureFindings findings
)
{
    private readonly List<FoundFile> _found = [];
    private readonly Dictionary<(ulong Device, ulong Inode), FoundFile> _linked = [];

    public List<FoundFile> Read(CancellationToken cancellationToken)
    {
        using FolderCursor cursor = new(root);
        Stack<string> left = new([""]);
        while (left.TryPop(out var path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            findings.Guard(
                root.PathOf(path),
                () =>
                {
                    if (cursor.Find(path) is { } folder)
                        foreach (var name in folder.ReadNames())
                            ReadEntry(folder, TreePath.Join(path, name), name, left);
                }
            );
        }
        return _found;
    }

    private void ReadEntry(FolderHandle folder, string path, string name, Stack<string> left)
    {
        if (exclude.Any(pattern => pattern.Fits(path)))
            return;
        findings.Guard(
            folder.PathOf(name),
            () =>
            {
                if (folder.Find(name) is not { } status)
                    return;
                if (status.Type == NodeType.File)
                    AddFile(path, status);
                else if (status.Type != NodeType.Socket) // stock restic leaves them out: only their program makes them
                    files.Add(TreePath.Join(prefix, path), nodes.Make(name, status, folder), []);
                if (status.Type == NodeType.Directory)
                    left.Push(path);
            }
        );
    }

    private void AddFile(string path, FileStatus status)
    {
        if (status.Links > 1 && _linked.TryGetValue((status.DeviceId, status.Inode), out var first))
        {
            first.Paths.Add(path);
            return;
        }
        FoundFile file = new([path], status);
        _found.Add(file);
        if (status.Links > 1)
            _linked.Add((status.DeviceId, status.Inode), file);
    }
}

/// <summary>What could not be captured, in words. Thread-safe.</summary>
internal sealed class CaptureFindings
{
    private const int Most = 1000;

    private readonly Lock _gate = new();
    private readonly SortedSet<string> _findings = new(StringComparer.Ordinal);
    private int _more;

    /// <summary>Sorted; of very many the last one says how many more there are.</summary>
    public IReadOnlyList<string> All => _more == 0 ? [.. _findings] : [.. _findings, $"and {_more} more"];

    public void Add(string finding)
    {
        lock (_gate)
            if (_findings.Count < Most)
                _findings.Add(finding);
            else
                _more++;
    }

    /// <summary>Does something with a path: that it is gone is nothing, that it cannot be read is a finding.</summary>
    public void Guard(string path, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (IsGone(e))
        {
            return; // files come and go while they are listed
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(Describe(path, e));
        }
    }

    public static bool IsGone(Exception e) => e is IOException io && Errno.IsAbsent(io);

    public static string Describe(string path, Exception e) => $"not captured: {path}: {e.Message}";
}
