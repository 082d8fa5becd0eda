using System.Globalization;
using Resurgam.Core.Assets;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Secrets;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Secrets.Capture;

/// <summary>Which secret to keep, and where it is.</summary>
public sealed record EscrowSource
{
    public required string Asset { get; init; }

    public required SecretSource From { get; init; }

    public string? PlanHash { get; init; }
}

/// <summary>
/// Takes a snapshot of a secret, sealed as all else in the vault. One that has changed since the snapshot before is a
/// finding, and so is one that is no longer where it was: the snapshot then keeps it as it was last seen.
/// </summary>
public sealed class SecretCapture(EscrowSource source, Vault vault, SecretReader reader, IWorkProgress progress)
{
    private const uint FileMode = 0x180; // 0600
    private const uint FolderMode = 0x1C0; // 0700

    private readonly List<string> _findings = [];

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        progress.Stage($"reading {source.Asset}");
        var now = vault.Host.Time.GetUtcNow();
        var previous = await FindPreviousAsync(snapshot, cancellationToken);
        var (value, seenAt) = await ReadAsync(previous, now, cancellationToken);
        var digest = vault.DigestOf(value.Span);
        if (previous is not null && previous.Record.Digest != digest)
            _findings.Add(
                $"{source.Asset} is another secret than in snapshot {previous.Entry.Id.Short}: what was encrypted with the old one needs that snapshot"
            );
        SecretRecord record = new()
        {
            Asset = source.Asset,
            Source = source.From.ToString(),
            Digest = digest,
            SeenAt = seenAt,
            PlanHash = source.PlanHash,
        };
        using (var lane = snapshot.OpenLane())
        {
            snapshot.Files.Add(
                SecretRecord.Folder,
                NodeOf(SecretRecord.Folder, NodeType.Directory, FolderMode, now),
                []
            );
            await AddAsync($"{SecretRecord.Folder}/{source.Asset}", value);
            await AddAsync(SecretRecord.Path, record.Write());
            lane.Flush();

            async Task AddAsync(string path, ReadOnlyMemory<byte> content)
            {
                var ids = await lane.StoreBytesAsync(content, cancellationToken);
                var node = NodeOf(path, NodeType.File, FileMode, now) with { SizeBytes = content.Length, Links = 1 };
                snapshot.Files.Add(path, node, [.. ids]);
            }
        }
        snapshot.Facts = new SnapshotFacts { PlanHash = source.PlanHash };
        var entry = await snapshot.CompleteAsync([$"/{source.Asset}"], cancellationToken);
        return new CaptureResult(entry, value.Length, snapshot.BytesNew, snapshot.BytesStored, _findings);
    }

    private async Task<(ReadOnlyMemory<byte> Value, DateTimeOffset SeenAt)> ReadAsync(
        SecretSnapshot? previous,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return ((await reader.ReadAsync(source.From, cancellationToken)).Bytes, now);
        }
        catch (ResurgamException e) when (previous is not null && e.Problem.Remedy != Remedy.Report)
        {
            _findings.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{e.Problem.What} ({e.Problem.Code}); the snapshot keeps {source.Asset} as it was at {previous.Record.SeenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"
                )
            );
            return (previous.Value, previous.Record.SeenAt);
        }
    }

    private async Task<SecretSnapshot?> FindPreviousAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        var entry = snapshot.Parent;
        if (entry is null && await vault.ListSnapshotsAsync(source.Asset, cancellationToken) is { Count: > 0 } all)
            entry = all[^1];
        if (entry is null)
            return null;
        try
        {
            return await SecretSnapshot.ReadAsync(vault, entry, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            vault.Host.Damaged(e.Problem); // an old snapshot that cannot be read must not keep a new one from being taken
            return null;
        }
    }

    private static TreeNode NodeOf(string path, NodeType type, uint mode, DateTimeOffset at) =>
        new()
        {
            Name = path[(path.LastIndexOf('/') + 1)..],
            Type = type,
            Mode = mode,
            ModifiedAt = UnixTime.From(at),
            AccessedAt = UnixTime.From(at),
            ChangedAt = UnixTime.From(at),
        };
}
