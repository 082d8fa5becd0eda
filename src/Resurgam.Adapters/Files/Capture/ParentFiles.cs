using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Capture;

/// <summary>The asset's last snapshot in this generation: spares the reading of files that were not touched since.</summary>
/// <param name="prefix">Path of the folder in the snapshot.</param>
internal sealed class ParentFiles(SnapshotWriter snapshot, string prefix)
{
    /// <summary>A file changed in the very moment it was read may change again without its times saying so.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(2);

    private readonly UnixTime _before = snapshot.Parent is { } parent ? UnixTime.From(parent.TakenAt - Guard) : default;

    public long BytesTakenOver { get; private set; }

    /// <summary>Adds unchanged files to the snapshot.</summary>
    /// <returns>Those that have to be read, large ones first.</returns>
    public List<FoundFile> TakeOver(List<FoundFile> found, NodeMaker nodes, IWorkProgress progress)
    {
        if (snapshot.Parent is null)
            return [.. found.OrderByDescending(file => file.Status.SizeBytes)];
        List<FoundFile> changed = [];
        foreach (var file in found)
        {
            if (FindUnchanged(file) is not { } entry)
            {
                changed.Add(file);
                continue;
            }
            foreach (var path in file.Paths)
            {
                var node = nodes.Make(TreePath.NameOf(path), file.Status, folder: null);
                snapshot.Files.Add(
                    new FileEntry(
                        TreePath.Join(prefix, path),
                        // They are as they were: setting one changes the time that was compared.
                        node with
                        {
                            ExtendedAttributes = entry.Node.ExtendedAttributes,
                        },
                        entry.Content
                    )
                );
            }
            BytesTakenOver += file.Status.SizeBytes;
        }
        progress.Add(BytesTakenOver);
        return [.. changed.OrderByDescending(file => file.Status.SizeBytes)];
    }

    private FileEntry? FindUnchanged(FoundFile file)
    {
        var (paths, now) = file;
        if (!snapshot.ParentFiles.TryFind(TreePath.Join(prefix, paths[0]), out var entry))
            return null;
        var before = entry.Node;
        var isUntouched =
            before.Type == NodeType.File
            && before.SizeBytes == now.SizeBytes
            && before.ModifiedAt == now.ModifiedAt
            && before.ChangedAt == now.ChangedAt
            && before.Inode == now.Inode
            && before.DeviceId == now.DeviceId
            && before.ChangedAt < _before;
        return isUntouched && IsWhole(entry) ? entry : null;
    }

    /// <summary>What the vault has lost is read again.</summary>
    private bool IsWhole(FileEntry entry)
    {
        foreach (var id in snapshot.ParentFiles.Contents.Read(entry.Content))
            if (snapshot.Repository.Index.Find(id) is null)
                return false;
        return true;
    }
}
