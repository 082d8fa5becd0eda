using System.Text;
using Resurgam.Core.Redis;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Redis.Capture;

/// <summary>
/// The files of a snapshot: in <c>redis/</c> a data directory as the server loads it, whoever restores it. Where the
/// server reads only append-only files, the same data are there under that name too, as a hard link.
/// </summary>
internal sealed class CapturedServer(SnapshotWriter snapshot, ServerFacts facts, DateTimeOffset takenAt)
{
    private const string Folder = "redis";
    private const ulong DataInode = 1;
    private const int FirstWithAppendFolder = 7;

    public async Task StoreAsync(RedisRecord record, IReadOnlyList<BlobId> data, CancellationToken cancellationToken)
    {
        AddFolder(Folder);
        AddData($"{Folder}/{facts.DumpFile}", record, data);
        using var lane = snapshot.OpenLane();
        if (record.HasAppendOnly && facts.MajorVersion < FirstWithAppendFolder)
        {
            AddData($"{Folder}/{facts.AppendFile}", record, data);
        }
        else if (record.HasAppendOnly)
        {
            var folder = $"{Folder}/{facts.AppendFolder}";
            var first = $"{facts.AppendFile}.1.base.rdb";
            AddFolder(folder);
            AddData($"{folder}/{first}", record, data);
            var manifest = Encoding.UTF8.GetBytes($"file {first} seq 1 type b\n");
            await AddSmallAsync($"{folder}/{facts.AppendFile}.manifest", manifest, lane, cancellationToken);
        }
        await AddSmallAsync(RedisRecord.Path, record.Write(), lane, cancellationToken);
        lane.Flush();
    }

    private void AddFolder(string path) => snapshot.Files.Add(path, NodeOf(path, NodeType.Directory, 0x1E8), []); // 0750

    private void AddData(string path, RedisRecord record, IReadOnlyList<BlobId> data) =>
        snapshot.Files.Add(
            path,
            NodeOf(path, NodeType.File, 0x1A0) with // 0640
            {
                SizeBytes = record.RdbBytes,
                Links = record.HasAppendOnly ? 2UL : 1UL,
                Inode = DataInode,
                DeviceId = DataInode,
            },
            [.. data]
        );

    private async Task AddSmallAsync(string path, byte[] content, ContentLane lane, CancellationToken cancellationToken)
    {
        var ids = await lane.StoreBytesAsync(content, cancellationToken);
        var node = NodeOf(path, NodeType.File, 0x1A0) with { SizeBytes = content.Length, Links = 1 }; // 0640
        snapshot.Files.Add(path, node, [.. ids]);
    }

    /// <summary>Owned by the user that packages make for the server; root, where that user is not known.</summary>
    private TreeNode NodeOf(string path, NodeType type, uint mode) =>
        new()
        {
            Name = path[(path.LastIndexOf('/') + 1)..],
            Type = type,
            Mode = mode,
            ModifiedAt = UnixTime.From(takenAt),
            AccessedAt = UnixTime.From(takenAt),
            ChangedAt = UnixTime.From(takenAt),
            User = facts.Program,
            Group = facts.Program,
        };
}
