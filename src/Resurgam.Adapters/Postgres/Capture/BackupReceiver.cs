using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;
using Crc32C = Resurgam.Core.Values.Crc32C;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>What a receiver has to know of the cluster besides what is in the stream.</summary>
/// <param name="FolderMode">Permissions of the data directory itself, which no archive has an entry for.</param>
/// <param name="VerifyFrom">Pages changed since then may be torn; null: the cluster has no page checksums.</param>
internal sealed record ReceiverFacts(string Asset, int WalSegmentBytes, uint FolderMode, Lsn? VerifyFrom);

/// <summary>Takes a base backup from the wire into a cluster: one pass, without a file in between.</summary>
internal sealed class BackupReceiver(
    ReceiverFacts facts,
    CapturedCluster cluster,
    ParentBackup parent,
    SnapshotWriter snapshot,
    StoreQueue queue,
    IWorkProgress progress
)
{
    private const string LabelFile = "backup_label";
    private const string WalFolder = "pg_wal/";

    private readonly Dictionary<string, ManifestFile> _received = new(StringComparer.Ordinal);

    /// <summary>The newest time of what the server made after the end of the backup: its own clock, in whole seconds.</summary>
    public UnixTime? EndedAt { get; private set; }

    /// <summary>What the server said when page checksums were wrong; null when it found none.</summary>
    public ResurgamException? DamageFound { get; private set; }

    public async Task ReadAsync(BaseBackupStream backup, CancellationToken cancellationToken)
    {
        BackupManifest? manifest = null;
        while (await NextAsync(backup, cancellationToken) is { } part)
        {
            if (part is BaseBackupPart.Archive archive)
                await ReadArchiveAsync(archive, cancellationToken);
            else if (part is BaseBackupPart.Manifest { Json: var json })
                manifest = await ReadManifestAsync(json, cancellationToken);
        }
        if (manifest is null)
            throw CaptureProblems.Garbled(facts.Asset, "there is no manifest");
        CheckReceived(manifest);
        cluster.WalRanges = manifest.WalRanges;
    }

    /// <summary>Whether a file, of which the path is below the data directory, was in the backup.</summary>
    public bool Has(string path) => _received.ContainsKey(path);

    /// <summary>The server sends everything before it fails a backup because of wrong page checksums; we have noted them.</summary>
    private async Task<BaseBackupPart?> NextAsync(BaseBackupStream backup, CancellationToken cancellationToken)
    {
        const string dataCorrupted = "XX001";
        try
        {
            return await backup.NextAsync(cancellationToken);
        }
        catch (ResurgamException e)
            when (PostgresErrorException.SqlStateOf(e) == dataCorrupted && backup.EndLsn > backup.StartLsn)
        {
            DamageFound = e;
            return null;
        }
    }

    private static async Task<BackupManifest> ReadManifestAsync(Stream json, CancellationToken cancellationToken)
    {
        using MemoryStream bytes = new();
        await json.CopyToAsync(bytes, cancellationToken);
        return BackupManifest.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private async Task ReadArchiveAsync(BaseBackupPart.Archive archive, CancellationToken cancellationToken)
    {
        var folder = archive.Tablespace is null ? "" : $"{SnapshotLayout.TablespaceLinks}{OidOf(archive)}/";
        TarStream tar = new(archive.Tar, archive.Name);
        while (await tar.NextAsync(cancellationToken) is { } entry)
        {
            var path = folder + entry.Path;
            if (entry.Type == NodeType.File)
                await ReadFileAsync(path, entry, tar, cancellationToken);
            else if (!BackupRules.IsLeftOut(path, NameOf(path)))
                cluster.AddEntry(path, entry.ToNode());
        }
    }

    private static uint OidOf(BaseBackupPart.Archive archive) =>
        uint.TryParse(Path.GetFileNameWithoutExtension(archive.Name), CultureInfo.InvariantCulture, out var oid)
            ? oid
            : throw PostgresFormatProblems.BadBackup($"the archive of a tablespace is named '{archive.Name}'");

    private Task ReadFileAsync(string path, TarEntry entry, TarStream tar, CancellationToken cancellationToken)
    {
        var name = NameOf(path);
        if (path == LabelFile)
            return ReadLabelAsync(entry, tar, cancellationToken);
        if (name.StartsWith(RelationIncrement.NamePrefix, StringComparison.Ordinal))
            return ReadIncrementAsync(path, entry, tar, cancellationToken);
        if (BackupRules.IsLeftOut(path, name))
            return SkipAsync(path, entry, tar, cancellationToken);
        if (path.StartsWith(WalFolder, StringComparison.Ordinal))
            return ReadWalAsync(path, entry, tar, cancellationToken);
        return ReadWholeAsync(path, entry, tar, segment: null, cancellationToken);
    }

    /// <summary>The first file of the data directory's archive: it belongs to whom the data directory belongs to.</summary>
    private async Task ReadLabelAsync(TarEntry entry, TarStream tar, CancellationToken cancellationToken)
    {
        var root = entry.ToNode() with
        {
            Name = "pgdata",
            Type = NodeType.Directory,
            Mode = facts.FolderMode,
            SizeBytes = 0,
        };
        snapshot.Files.Add("pgdata", root, []);
        if (entry.SizeBytes > queue.BufferBytes)
            throw PostgresFormatProblems.BadBackup($"{LabelFile} has {entry.SizeBytes} bytes");
        var buffer = await queue.RentAsync(cancellationToken);
        var bytes = buffer.AsMemory(0, (int)entry.SizeBytes);
        await tar.ReadAsync(bytes, cancellationToken);
        Received(LabelFile, entry, Crc32C.Append(0, bytes.Span));
        var label = BackupLabel.WithoutIncrement(bytes.Span);
        label.CopyTo(buffer, 0);
        var checksum = Crc32C.Append(0, label);
        var file = Open(LabelFile, entry.ToNode() with { SizeBytes = label.Length }, ChunksOf(label.Length));
        file.Checksum = () => checksum;
        file.Begin();
        queue.Add(
            new ContentPiece
            {
                Buffer = buffer,
                File = file,
                LengthBytes = label.Length,
                FirstChunk = 0,
                Parent = [],
            }
        );
        file.Done();
    }

    private Task ReadWalAsync(string path, TarEntry entry, TarStream tar, CancellationToken cancellationToken)
    {
        if (path.EndsWith(".done", StringComparison.Ordinal) && (EndedAt is not { } at || entry.ModifiedAt > at))
            EndedAt = entry.ModifiedAt;
        var isSegment = WalSegment.TryParse(NameOf(path), facts.WalSegmentBytes, out var segment);
        return ReadWholeAsync(path, entry, tar, isSegment ? segment : null, cancellationToken);
    }

    private async Task ReadWholeAsync(
        string path,
        TarEntry entry,
        TarStream tar,
        WalSegment? segment,
        CancellationToken cancellationToken
    )
    {
        var file = Open(path, entry.ToNode(), ChunksOf(entry.SizeBytes));
        var known = parent.Record?.ChunkBytes == cluster.ChunkBytes ? parent.ContentOf(path) : [];
        var check = CheckOf(file);
        var checksum = 0u;
        for (var at = 0L; at < entry.SizeBytes; )
        {
            var buffer = await queue.RentAsync(cancellationToken);
            var length = (int)Math.Min(buffer.Length, entry.SizeBytes - at);
            await tar.ReadAsync(buffer.AsMemory(0, length), cancellationToken);
            checksum = Crc32C.Append(checksum, buffer.AsSpan(0, length));
            progress.Add(length);
            file.Begin();
            queue.Add(
                new ContentPiece
                {
                    Buffer = buffer,
                    File = file,
                    LengthBytes = length,
                    FirstChunk = (int)(at / cluster.ChunkBytes),
                    Parent = known,
                    Check = check,
                    Segment = segment,
                }
            );
            at += length;
        }
        Received(path, entry, checksum);
        // WAL is checked by its own records, and no manifest lists it.
        if (!path.StartsWith(WalFolder, StringComparison.Ordinal))
            file.Checksum = () => checksum;
        file.Done();
    }

    private async Task ReadIncrementAsync(
        string sentPath,
        TarEntry entry,
        TarStream tar,
        CancellationToken cancellationToken
    )
    {
        var name = NameOf(sentPath);
        var path = sentPath[..^name.Length] + name[RelationIncrement.NamePrefix.Length..];
        var head = await ReadHeadAsync(sentPath, entry, tar, cancellationToken);
        var increment = RelationIncrement.Read(head);
        if (entry.SizeBytes != head.Length + (long)increment.Blocks.Count * RelationChunks.PageBytes)
            throw PostgresFormatProblems.BadBackup($"{sentPath} is not as long as its head says");
        var merged = Merge(path, entry, increment);
        CarryDamage(path, increment, merged.File);

        var checksum = Crc32C.Append(0, head);
        var (chunk, change, merge) = (0, 0, merged.Merge);
        while (chunk < merge.EndChunk)
        {
            var buffer = await queue.RentAsync(cancellationToken);
            var (firstChunk, firstChange, used) = (chunk, change, 0);
            for (; chunk < merge.EndChunk; chunk++)
            {
                var changed = merge.ChangedIn(chunk, change);
                if (used + changed * RelationChunks.PageBytes > buffer.Length)
                    break;
                change += changed;
                used += changed * RelationChunks.PageBytes;
            }
            await tar.ReadAsync(buffer.AsMemory(0, used), cancellationToken);
            checksum = Crc32C.Append(checksum, buffer.AsSpan(0, used));
            merged.File.Begin();
            queue.Add(
                new MergePiece
                {
                    Buffer = buffer,
                    Merged = merged,
                    FirstChunk = firstChunk,
                    EndChunk = chunk,
                    FirstChange = firstChange,
                }
            );
        }
        progress.Add(merge.LengthBytes);
        Received(sentPath, entry, checksum);
        merged.File.Checksum = () => merge.Checksum;
        merged.File.Done();
    }

    private static async Task<byte[]> ReadHeadAsync(
        string path,
        TarEntry entry,
        TarStream tar,
        CancellationToken cancellationToken
    )
    {
        if (entry.SizeBytes < RelationIncrement.StartBytes)
            throw PostgresFormatProblems.BadBackup($"{path} has {entry.SizeBytes} bytes");
        var start = new byte[RelationIncrement.StartBytes];
        await tar.ReadAsync(start, cancellationToken);
        var length = RelationIncrement.ReadHeadBytes(start);
        if (entry.SizeBytes < length)
            throw PostgresFormatProblems.BadBackup($"{path} ends in its head");
        var head = new byte[length];
        start.CopyTo(head, 0);
        await tar.ReadAsync(head.AsMemory(start.Length), cancellationToken);
        return head;
    }

    private MergedFile Merge(string path, TarEntry entry, RelationIncrement increment)
    {
        if (parent.Find(path) is not { } before)
            throw CaptureProblems.ParentIncomplete(facts.Asset, path);
        var ids = snapshot.Files.Contents.Read(before.Content);
        if (ids.Length != ChunksOf(before.Node.SizeBytes) || parent.Record?.ChunkBytes != cluster.ChunkBytes)
            throw CaptureProblems.ParentIncomplete(facts.Asset, path);
        IncrementMerge merge = new(
            increment,
            new ParentFile(before.Node.SizeBytes, parent.ChecksumOf(path)),
            cluster.ChunkBytes
        );
        var node = entry.ToNode() with { Name = NameOf(path), SizeBytes = merge.LengthBytes };
        var file = Open(path, node, merge.ChunkCount);
        return new MergedFile(facts.Asset, file, increment, before, ids, merge, snapshot) { Check = CheckOf(file) };
    }

    /// <summary>What was damaged in the parent and was not written since still is.</summary>
    private void CarryDamage(string path, RelationIncrement increment, StreamedFile file)
    {
        foreach (var page in parent.DamagedPagesOf(path))
            if (page.Block < increment.TruncationBlocks && !increment.Blocks.Contains(page.Block))
                file.AddDamaged(page.Block);
    }

    private async Task SkipAsync(string path, TarEntry entry, TarStream tar, CancellationToken cancellationToken)
    {
        var checksum = 0u;
        var block = new byte[64 << 10];
        for (var left = entry.SizeBytes; left > 0; )
        {
            var bytes = block.AsMemory(0, (int)Math.Min(block.Length, left));
            await tar.ReadAsync(bytes, cancellationToken);
            checksum = Crc32C.Append(checksum, bytes.Span);
            left -= bytes.Length;
        }
        Received(path, entry, checksum);
    }

    private StreamedFile Open(string path, TreeNode node, int chunks) => new(cluster, path, node, chunks);

    private PageCheck? CheckOf(StreamedFile file) =>
        facts.VerifyFrom is { } from && BackupRules.IsRelation(file.Path) ? new PageCheck(file, from) : null;

    private int ChunksOf(long bytes) => (int)((bytes + cluster.ChunkBytes - 1) / cluster.ChunkBytes);

    private void Received(string path, TarEntry entry, uint checksum) =>
        _received[path] = new ManifestFile(path, entry.SizeBytes, entry.ModifiedAt, checksum);

    /// <summary>Every file that the server lists has come as the server has read it.</summary>
    private void CheckReceived(BackupManifest manifest)
    {
        foreach (var sent in manifest.Files)
        {
            if (!_received.TryGetValue(sent.Path, out var received))
                throw CaptureProblems.Garbled(facts.Asset, $"{sent.Path} is missing");
            if (received.SizeBytes != sent.SizeBytes || (sent.Checksum is { } sum && received.Checksum != sum))
                throw CaptureProblems.Garbled(facts.Asset, $"{sent.Path} has another length or checksum");
        }
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
