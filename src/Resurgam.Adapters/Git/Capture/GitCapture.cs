using System.Globalization;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>Which repositories to capture, and as whom.</summary>
public sealed record GitSource
{
    public required string Asset { get; init; }

    public required IReadOnlyList<GitAddress> Repositories { get; init; }

    /// <summary>All of whose repositories are captured, too; null: none's.</summary>
    public GitHubOrganisation? Organisation { get; init; }

    /// <summary>Repositories of the organisation that stay out.</summary>
    public IReadOnlyList<ExcludePattern> Exclude { get; init; } = [];

    public required GitAccess Access { get; init; }

    /// <summary>Folder for the mirrors: a cache, made when it is not there.</summary>
    public required string CacheFolder { get; init; }

    public bool WithLargeFiles { get; init; } = true;

    public string? PlanHash { get; init; }
}

/// <summary>
/// Takes a snapshot of repositories: git brings a mirror of each up to date and checks it, and the mirror's files are
/// stored. A repository that cannot be had is in the snapshot as it was last seen, with a finding.
/// </summary>
public sealed class GitCapture(GitSource source, Vault vault, IWorkProgress progress)
{
    private readonly TimeProvider _time = vault.Host.Time;
    private readonly Lock _gate = new();
    private readonly List<RepositoryRecord> _captured = [];
    private readonly List<ResurgamException> _failures = [];
    private readonly List<string> _findings = [];
    private readonly List<string> _notes = [];
    private long _bytes;

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetUtcNow();
        using var cache = await MirrorCache.LockAsync(source.CacheFolder, _time, cancellationToken);
        using var previous = await PreviousSnapshot.FindAsync(vault, snapshot, source.Asset, cancellationToken);
        WantedRepositories wanted = new(source, previous, _time);
        var repositories = await wanted.FindAsync(cancellationToken);
        foreach (var finding in wanted.Findings)
            Find(finding);
        progress.Stage($"mirroring {source.Asset}");
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = vault.Host.Workers,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            repositories,
            parallel,
            (repository, token) => CaptureAsync(repository, cache, snapshot, previous, token)
        );
        if (_failures.Count == repositories.Count && _failures.Count > 0)
            throw _failures.Count == 1
                ? _failures[0]
                : CaptureProblems.NothingCaptured(source.Asset, _failures.Count, _failures[0]);
        TellRemoved(previous, repositories);

        progress.Stage("writing the snapshot");
        await StoreRecordAsync(snapshot, startedAt, cancellationToken);
        snapshot.Facts = new SnapshotFacts { PlanHash = source.PlanHash };
        var entry = await snapshot.CompleteAsync([$"/{source.Asset}"], cancellationToken);
        _findings.Sort(StringComparer.Ordinal);
        _notes.Sort(StringComparer.Ordinal);
        return new CaptureResult(entry, _bytes, snapshot.BytesNew, snapshot.BytesStored, _findings) { Notes = _notes };
    }

    private async ValueTask CaptureAsync(
        WantedRepository wanted,
        MirrorCache cache,
        SnapshotWriter snapshot,
        PreviousSnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        var address = wanted.Address;
        GitProgram git = new(source.Access, _time);
        Mirror mirror = new(cache.PathOf(address.Name), address, git);
        LargeFiles largeFiles = new(mirror, address, git);
        CapturedMirror stored = new(address.Name, snapshot, _time.GetUtcNow(), progress);
        if (wanted.IsGone)
        {
            await KeepOldAsync("it is gone", wanted, mirror, largeFiles, stored, previous, cancellationToken);
            return;
        }
        if (
            await FindFailureAsync(mirror, largeFiles, address, snapshot.Parent is null, cancellationToken) is
            { } failure
        )
        {
            lock (_gate)
                _failures.Add(failure);
            var told = $"{failure.Problem.What} ({failure.Problem.Code})";
            await KeepOldAsync(told, wanted, mirror, largeFiles, stored, previous, cancellationToken);
            return;
        }
        var seenAt = _time.GetUtcNow();
        var refs = mirror.ReadRefs();
        if (previous is not null)
            Note(await new RefHistory(previous, mirror).DescribeAsync(address.Name, refs, cancellationToken));
        Note(mirror.Notes.Select(note => $"{address.Name}: {note}"));
        if (mirror.IsShallow)
            Find($"{address.Name} is shallow where it lives: the history before its oldest commits is nowhere here");
        await StoreAsync(mirror, largeFiles, wanted, stored, seenAt, cancellationToken);
    }

    /// <returns>Null when the mirror is as the remote is, and whole.</returns>
    private async Task<ResurgamException?> FindFailureAsync(
        Mirror mirror,
        LargeFiles largeFiles,
        GitAddress address,
        bool isFresh,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await mirror.UpdateAsync(cancellationToken);
            await mirror.RepackAsync(isFresh, cancellationToken);
            if (source.WithLargeFiles && await largeFiles.UpdateAsync(cancellationToken) is { } missing)
                Find($"{address.Name}: {missing}");
            return null;
        }
        catch (ResurgamException e) when (e.Problem.Remedy != Remedy.Report)
        {
            return e;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return GitProblems.CacheRefused(source.CacheFolder, e);
        }
    }

    /// <summary>Other repositories must not suffer, and this one shall not be missing where an older state of it is at hand.</summary>
    private async Task KeepOldAsync(
        string why,
        WantedRepository wanted,
        Mirror mirror,
        LargeFiles largeFiles,
        CapturedMirror stored,
        PreviousSnapshot? previous,
        CancellationToken cancellationToken
    )
    {
        var known = previous?.Record.Find(wanted.Address.Name);
        var told = $"{wanted.Address.Name}: {why}";
        if (known is not null && stored.IsInParent)
        {
            stored.TakeOver();
            var goneAt = wanted.IsGone ? known.GoneAt ?? _time.GetUtcNow() : (DateTimeOffset?)null;
            Add(known with { IsListed = wanted.IsListed, GoneAt = goneAt }, stored.Bytes);
            Find($"{told}; the snapshot has it as it was at {Show(known.SeenAt)}");
        }
        else if (known is not null && mirror.Exists && await mirror.FindDamageAsync(cancellationToken) is null)
        {
            await StoreAsync(mirror, largeFiles, wanted, stored, known.SeenAt, cancellationToken);
            Find($"{told}; the snapshot has it as it was at {Show(known.SeenAt)}");
        }
        else
        {
            var last = known is null || previous is null ? "" : $"; snapshot {previous.Entry.Id.Short} has it";
            Find($"{told}; it is not in the snapshot{last}");
        }
    }

    private async Task StoreAsync(
        Mirror mirror,
        LargeFiles largeFiles,
        WantedRepository wanted,
        CapturedMirror stored,
        DateTimeOffset seenAt,
        CancellationToken cancellationToken
    )
    {
        var refs = mirror.ReadRefs();
        var large = largeFiles.All;
        await stored.StoreAsync(mirror, large, cancellationToken);
        RepositoryRecord record = new()
        {
            Name = wanted.Address.Name,
            Address = wanted.Address.Text,
            Head = mirror.Head,
            ObjectFormat = mirror.ObjectFormat,
            Refs = refs.All.Count,
            RefsDigest = refs.Digest,
            SeenAt = seenAt,
            PackBytes = stored.Bytes,
            IsShallow = mirror.IsShallow,
            LargeFiles = large.Count,
            IsListed = wanted.IsListed,
            GoneAt = wanted.IsGone ? _time.GetUtcNow() : null,
        };
        Add(record, stored.Bytes);
    }

    /// <summary>What the plan no longer names is left to the snapshots that have it.</summary>
    private void TellRemoved(PreviousSnapshot? previous, IReadOnlyList<WantedRepository> repositories)
    {
        foreach (var old in previous?.Record.Repositories ?? [])
            if (repositories.All(each => each.Address.Name != old.Name))
                Note([$"{old.Name} is no longer in the plan; snapshot {previous?.Entry.Id.Short} has it"]);
    }

    private async Task StoreRecordAsync(
        SnapshotWriter snapshot,
        DateTimeOffset startedAt,
        CancellationToken cancellationToken
    )
    {
        GitRecord record = new()
        {
            Asset = source.Asset,
            StartedAt = startedAt,
            StoppedAt = _time.GetUtcNow(),
            Repositories = [.. _captured.OrderBy(each => each.Name, StringComparer.Ordinal)],
            PlanHash = source.PlanHash,
        };
        using var lane = snapshot.OpenLane();
        var json = record.Write();
        var ids = await lane.StoreBytesAsync(json, cancellationToken);
        lane.Flush();
        TreeNode node = new()
        {
            Name = Path.GetFileName(GitRecord.Path),
            Type = NodeType.File,
            Mode = 0x1A4, // 0644
            ModifiedAt = UnixTime.From(startedAt),
            AccessedAt = UnixTime.From(startedAt),
            ChangedAt = UnixTime.From(startedAt),
            SizeBytes = json.Length,
            Links = 1,
        };
        snapshot.Files.Add(GitRecord.Path, node, [.. ids]);
    }

    private void Add(RepositoryRecord record, long bytes)
    {
        lock (_gate)
        {
            _captured.Add(record);
            _bytes += bytes;
        }
    }

    private void Find(string finding)
    {
        lock (_gate)
            _findings.Add(finding);
    }

    private void Note(IEnumerable<string> notes)
    {
        lock (_gate)
            _notes.AddRange(notes);
    }

    private static string Show(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
