using System.Collections.Concurrent;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Gives a recovering server its WAL from the archive, the next segments read ahead. Thread-safe.</summary>
/// <remarks>Memory: the segments that are being read, and where there is no room for files, all that are read ahead.</remarks>
/// <param name="ahead">Where segments that were read ahead wait as files; null: in memory.</param>
public sealed class WalFeed(WalArchive archive, int segmentBytes, AheadFolder? ahead, TimeProvider time) : IDisposable
{
    /// <summary>Bytes read ahead: opening runs beside the replay of the segments before.</summary>
    private const int AheadBytes = 64 << 20;

    /// <summary>How long a store that fails is asked again, before the server is told and ends its recovery.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Dictionary<WalSegment, Task<FedFile?>> _ahead = [];

    /// <summary>One core is the replay's.</summary>
    private readonly SemaphoreSlim _readers = new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <summary>Memory for a segment, of those that are files by now.</summary>
    private readonly ConcurrentBag<byte[]> _rooms = [];

    /// <summary>A server that has asked for the history of a timeline is on its way there.</summary>
    private readonly SortedSet<uint> _histories = [];

    private MissingWal? _missing;

    /// <summary>The newest gap or damage that a server came to; null: it met none.</summary>
    public MissingWal? Missing
    {
        get
        {
            lock (_gate)
                return _missing;
        }
    }

    /// <inheritdoc cref="FindAsync(string, ulong?, bool, CancellationToken)"/>
    public Task<FedFile?> FindAsync(string name, ulong? systemIdentifier, CancellationToken cancellationToken) =>
        FindAsync(name, systemIdentifier, hasTarget: false, cancellationToken);

    /// <summary>A WAL segment or a timeline's history.</summary>
    /// <param name="name">As PostgreSQL asks for it with <c>%f</c>.</param>
    /// <param name="systemIdentifier">Of the cluster that asks; null when that is not known.</param>
    /// <param name="hasTarget">
    /// The server refuses to come up when its WAL ends before its target: then it may have what lies before a gap or damage,
    /// since it cannot take that for all there is.
    /// </param>
    /// <returns>Null when the archive has no such file, and nothing that would come after it.</returns>
    /// <exception cref="ResurgamException">
    /// It is missing or damaged in the middle of the WAL, belongs to another cluster, or the store cannot be read.
    /// </exception>
    public async Task<FedFile?> FindAsync(
        string name,
        ulong? systemIdentifier,
        bool hasTarget,
        CancellationToken cancellationToken
    )
    {
        await CheckAsync(systemIdentifier, cancellationToken);
        if (WalFileName.TryParseHistory(name, out var timeline))
            return await FindHistoryAsync(timeline, cancellationToken);
        if (!WalSegment.TryParse(name, segmentBytes, out var segment))
            return null; // a partial segment or a backup's label: never kept in an archive of ours
        var reading = Take(segment) ?? ReadAsync(segment);
        var file = await reading.WaitAsync(cancellationToken);
        if (file is not null && file.End == segment.End)
        {
            Pass(segment);
            ReadAhead(segment);
        }
        else if (await FindMissingAsync(segment, file, cancellationToken) is { } missing && !hasTarget)
            throw new ResurgamException(missing.Problem);
        return file?.End == segment.Start ? null : file;
    }

    public void Dispose() => ahead?.Dispose();

    private async Task CheckAsync(ulong? systemIdentifier, CancellationToken cancellationToken)
    {
        try
        {
            if (
                systemIdentifier is { } theirs
                && await RetryAsync(() => archive.FindIdentityAsync(cancellationToken)) is { } ours
                && ours.SystemIdentifier != theirs
            )
                throw WalProblems.ForeignSystem("the server that asks for WAL", ours.SystemIdentifier, theirs);
        }
        catch (ResurgamException e) when (e.Problem.Code == WalProblems.DamagedCode)
        {
            // All is damaged, and none of it will be given to anybody; histories are absent all the same.
        }
    }

    private async Task<FedFile?> FindHistoryAsync(uint timeline, CancellationToken cancellationToken)
    {
        if (await RetryAsync(() => archive.FindHistoryAsync(timeline, cancellationToken)) is not { } content)
            return null;
        lock (_gate)
            _histories.Add(timeline);
        return new FedFile(content, default);
    }

    /// <summary>PostgreSQL takes what it does not get for the end of the WAL: so it must be the end.</summary>
    private async Task<MissingWal?> FindMissingAsync(
        WalSegment segment,
        FedFile? file,
        CancellationToken cancellationToken
    )
    {
        var missing = file?.Missing ?? await FindGapAsync(segment, file?.End ?? segment.Start, cancellationToken);
        if (missing is not null)
            lock (_gate)
                _missing = missing;
        return missing;
    }

    /// <summary>A server that goes on behind what is missing had that itself, and is not kept by it.</summary>
    private void Pass(WalSegment segment)
    {
        lock (_gate)
            if (_missing is { Range: var range } && range.Timeline == segment.Timeline && range.Start < segment.Start)
                _missing = null;
    }

    private async Task<MissingWal?> FindGapAsync(WalSegment segment, Lsn end, CancellationToken cancellationToken)
    {
        List<uint> descendants;
        lock (_gate)
            descendants = [.. _histories.Where(t => t > segment.Timeline)];
        var gap = await RetryAsync(() => archive.FindGapAsync(segment.Timeline, end, descendants, cancellationToken));
        return gap is { } range ? new MissingWal(range, WalProblems.Gap(archive.Asset, range).Problem) : null;
    }

    private Task<FedFile?>? Take(WalSegment segment)
    {
        lock (_gate)
        {
            // What lies behind is not asked for again, but for the first ones, when the server looks for its checkpoint.
            foreach (
                var old in _ahead.Keys.Where(s => s.Timeline != segment.Timeline || s.Number < segment.Number).ToList()
            )
            {
                _ahead.Remove(old);
                ahead?.Remove(old);
            }
            if (!_ahead.Remove(segment, out var reading))
                return null;
            return IsStillGood(reading, segment) ? reading : null; // a growing segment is read when it is asked for, not before
        }
    }

    private static bool IsStillGood(Task<FedFile?> reading, WalSegment segment) =>
        !reading.IsCompleted
        || (reading.IsCompletedSuccessfully && reading.GetAwaiter().GetResult()?.End == segment.End);

    private void ReadAhead(WalSegment segment)
    {
        lock (_gate)
            for (var count = 0; count < Math.Max(1, AheadBytes / segmentBytes); count++)
            {
                segment = segment.Next;
                if (_ahead.ContainsKey(segment))
                    continue;
                var next = segment;
                _ahead.Add(next, Task.Run(() => FileAheadAsync(next)));
            }
    }

    private async Task<FedFile?> FileAheadAsync(WalSegment segment)
    {
        await _readers.WaitAsync();
        try
        {
            var room = _rooms.TryTake(out var used) ? used : GC.AllocateUninitializedArray<byte>(segmentBytes);
            var file = await ReadAsync(segment, room);
            if (file is null || file.End < segment.End || ahead?.TryStore(segment, file.Bytes.Span) is not { } path)
                return file;
            _rooms.Add(room);
            return file with { Bytes = default, Path = path };
        }
        finally
        {
            _readers.Release();
        }
    }

    /// <summary>Not the caller's token: what is read ahead outlives the request.</summary>
    private async Task<FedFile?> ReadAsync(WalSegment segment, Memory<byte> room = default)
    {
        var content = await RetryAsync(() =>
            archive.ReadToDamageAsync(segment.Timeline, segment.Number, room, CancellationToken.None)
        );
        return content is null ? null : new FedFile(content.Bytes, content.RealEnd) { Missing = content.Missing };
    }

    private async Task<T> RetryAsync<T>(Func<Task<T>> read)
    {
        var began = time.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromSeconds(5), time);
        while (true)
        {
            try
            {
                return await read();
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry && time.GetElapsedTime(began) < Patience)
            {
                await backoff.WaitAsync(CancellationToken.None); // bounded by our patience; then the failure is told
            }
        }
    }
}

/// <summary>A file for a recovering server.</summary>
/// <param name="Bytes">All of it; empty when it waits at <see cref="Path"/>.</param>
/// <param name="End">Where the WAL in it ends, for a segment: zeros follow.</param>
public sealed record FedFile(ReadOnlyMemory<byte> Bytes, Lsn End)
{
    /// <summary>Whoever asked takes the file from there by renaming it.</summary>
    public string? Path { get; init; }

    /// <summary>What is damaged behind <see cref="End"/>; null: nothing.</summary>
    public MissingWal? Missing { get; init; }
}
