using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Runs;

/// <summary>Puts evidence into the vault, as files below the folder of its step. <c>restore ID --to FOLDER</c> brings them back.</summary>
public sealed class EvidenceCapture(string folder, IReadOnlyList<EvidenceFile> files, TimeProvider time)
{
    /// <summary>The asset, and its kind.</summary>
    public const string Name = "evidence";

    private const uint FileMode = 0x100; // 0400
    private const uint FolderMode = 0x1C0; // 0700

    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    public async Task<SnapshotEntry> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        var now = UnixTime.From(time.GetUtcNow());
        using (var lane = snapshot.OpenLane())
        {
            foreach (var file in files)
            {
                var path = $"{folder}/{file.Name}";
                for (var end = path.IndexOf('/'); end > 0; end = path.IndexOf('/', end + 1))
                    if (_folders.Add(path[..end]))
                        snapshot.Files.Add(path[..end], NodeOf(path[..end], NodeType.Directory, FolderMode, now), []);
                var ids = await lane.StoreBytesAsync(file.Content, cancellationToken);
                var node = NodeOf(path, NodeType.File, FileMode, now);
                snapshot.Files.Add(path, node with { SizeBytes = file.Content.Length, Links = 1 }, [.. ids]);
            }
            lane.Flush();
        }
        return await snapshot.CompleteAsync([$"/{Name}/{folder}"], cancellationToken);
    }

    private static TreeNode NodeOf(string path, NodeType type, uint mode, UnixTime at) =>
        new()
        {
            Name = path[(path.LastIndexOf('/') + 1)..],
            Type = type,
            Mode = mode,
            ModifiedAt = at,
            AccessedAt = at,
            ChangedAt = at,
        };
}
