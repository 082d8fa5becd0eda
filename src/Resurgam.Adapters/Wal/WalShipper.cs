using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Wal;

/// <summary>Brings what is durable in the spool to the store, in order: fragments of the segment that grows, then whole segments.</summary>
/// <param name="openArchive">Called at the beginning of a segment, once a minute at most: a new month is a new generation.</param>
internal sealed class WalShipper(
    WalSpool spool,
    IWalForm form,
    StreamSettings settings,
    Func<CancellationToken, ValueTask<WalArchive>> openArchive,
    TimeProvider time
)
{
    /// <summary>Segments that are sealed at the same time when the store is behind: each takes twice 16 MiB of memory.</summary>
    private const int MaxParallel = 2;

    /// <summary>So many fragments of a size become one, so that an idle day leaves dozens of objects and not thousands.</summary>
    private const int MergeCount = 16;

    /// <summary>How long a generation serves without a look at the calendar: opening one has a price.</summary>
    private static readonly TimeSpan ReopenAfter = TimeSpan.FromMinutes(1);

    /// <summary>A segment at a time lies in each.</summary>
    private readonly byte[]?[] _buffers = new byte[]?[MaxParallel];
    private readonly List<(Lsn Start, int Level)> _fragments = [];
    private readonly HashSet<uint> _histories = [];
    private WalArchive? _archive;
    private long _openedAt;
    private WalSegment? _segment;
    private Lsn _shipped;
    private Lsn _scannedTo;
    private DateTimeOffset _shippedAt = DateTimeOffset.MinValue;
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;

    /// <summary>The segment that grows, and when it was not yet there: all that is in it came later.</summary>
    private (WalSegment Segment, DateTimeOffset After)? _growing;
    private IWalScanner? _scanner;

    /// <summary>The store holds everything up to here; null while that is not known.</summary>
    public WalRange? Shipped { get; private set; }

    /// <summary>Time of the newest record that the store holds.</summary>
    public DateTimeOffset? LastCommitAt { get; private set; }

    /// <summary>
    /// While <see cref="Reached"/> is told it stands at the end of <see cref="Shipped"/>; before, it has taken what the store may yet
    /// refuse. Null before the first.
    /// </summary>
    public IWalScanner? Scanner => _scanner;

    /// <summary>Why the last attempt failed; null when it did not.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>Told each time that the store holds more.</summary>
    public Action<Lsn>? Reached { get; init; }

    /// <summary>Ships until it is told to stop. A store that fails is asked again and again: the spool keeps what it lacks.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(settings.MaxBackoff, time);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), time);
        do
        {
            try
            {
                while (await TickAsync(time.GetUtcNow(), cancellationToken))
                    backoff.Reset();
                Problem = null;
            }
            catch (ResurgamException e)
            {
                Problem = e.Problem; // shown in the status; what was not shipped stays due
                await backoff.WaitAsync(cancellationToken);
            }
        } while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Ships all that is durable, at once: at the end of a stream, or when its server is gone.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await TickAsync(DateTimeOffset.MaxValue, cancellationToken)) { }
    }

    /// <summary>Does the next piece of work that is due.</summary>
    /// <returns>False when there is none.</returns>
    internal async Task<bool> TickAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var segments = spool.List();
        var lookedAt = Look(now == DateTimeOffset.MaxValue ? time.GetUtcNow() : now);
        if (segments.Count == 0)
            return false;
        if (_growing?.Segment != segments[^1].Segment)
            _growing = (segments[^1].Segment, lookedAt);
        var closed = segments.TakeWhile(s => s.IsClosed).Take(MaxParallel).ToList();
        if (closed.Count > 0)
        {
            await ShipClosedAsync(closed, cancellationToken);
            return true;
        }
        return segments[0] is { IsClosed: false } open && await ShipOpenAsync(open, now, cancellationToken);
    }

    /// <returns>When the last look was. A clock that was set back makes all that is here due, once.</returns>
    private DateTimeOffset Look(DateTimeOffset now)
    {
        if (now < _lookedAt)
            (_lookedAt, _shippedAt, _growing) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue, null);
        (var last, _lookedAt) = (_lookedAt, now);
        return last;
    }

    private async Task ShipClosedAsync(List<SpooledSegment> segments, CancellationToken cancellationToken)
    {
        var archive = await OpenArchiveAsync(cancellationToken);
        var parts = segments.SelectMany(PartsOf).ToList();
        for (var at = 0; at < parts.Count; at += MaxParallel)
        {
            var batch = parts.GetRange(at, Math.Min(MaxParallel, parts.Count - at));
            // Reading is quick and in order, for the scanner; compressing is not.
            var fragments = batch.Select((part, lane) => Take(part, lane)).ToList();
            await Task.WhenAll(
                fragments.Select(f => Task.Run(() => archive.PutSegmentAsync(f, cancellationToken), cancellationToken))
            );
            Advance(batch[^1]);
        }
        foreach (var segment in segments)
            spool.Remove(segment.Segment);
        _segment = null;
    }

    private async Task<bool> ShipOpenAsync(SpooledSegment open, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_segment != open.Segment)
            await BeginSegmentAsync(open, cancellationToken);
        if (open.End <= _shipped || !IsDue(open, now))
            return false;
        var archive = _archive ?? await OpenArchiveAsync(cancellationToken);
        foreach (var part in Parts(new WalRange(open.Segment.Timeline, _shipped, open.End)))
        {
            await archive.PutFragmentAsync(Take(part), cancellationToken);
            _fragments.Add((part.Start, 0));
            Advance(part);
            _shippedAt = _lookedAt;
            await MergeAsync(archive, open.Segment.Timeline, cancellationToken);
        }
        return true;
    }

    /// <summary>Finds out what of this segment the store has already, from an earlier run of ours.</summary>
    private async Task BeginSegmentAsync(SpooledSegment open, CancellationToken cancellationToken)
    {
        spool.KeepSpare();
        var archive = await OpenArchiveAsync(cancellationToken);
        var (segment, at) = (open.Segment, open.Segment.Start);
        for (var window = at; window == at && at < open.End; window += WalFragment.MaxBytes)
            at = (await archive.WindowCoverageAsync(segment.Timeline, window, cancellationToken)).EndOf(
                segment.Timeline,
                at
            );
        var shipped = at < open.End ? at : open.End;
        foreach (var part in Parts(new WalRange(segment.Timeline, segment.Start, shipped)))
            Take(part); // for the scanner: the newest commit among them
        _fragments.Clear();
        (_segment, _shipped) = (segment, shipped);
        if (shipped > segment.Start)
            Advance(new WalRange(segment.Timeline, segment.Start, shipped));
    }

    /// <summary>Turns a row of equal fragments into one, again and again, as a counter carries over.</summary>
    private async Task MergeAsync(WalArchive archive, uint timeline, CancellationToken cancellationToken)
    {
        while (_fragments.Count >= MergeCount)
        {
            var row = _fragments[^MergeCount..];
            var range = new WalRange(timeline, row[0].Start, _shipped);
            var isOneObject = row[0].Start.Value / WalFragment.MaxBytes == (_shipped.Value - 1) / WalFragment.MaxBytes;
            if (row[0].Level != row[^1].Level || !isOneObject)
                return;
            await archive.PutSegmentAsync(Take(range), cancellationToken);
            _fragments.RemoveRange(_fragments.Count - MergeCount, MergeCount);
            _fragments.Add((range.Start, row[0].Level + 1));
        }
    }

    /// <summary>
    /// What would be full before its time has come is not: it goes as a whole segment then, which has replaced its fragments
    /// anyway, and a busy server's WAL is sealed and synced once.
    /// </summary>
    private bool IsDue(SpooledSegment open, DateTimeOffset now)
    {
        var since = _growing is { } growing && growing.After > _shippedAt ? growing.After : _shippedAt;
        if (now == DateTimeOffset.MaxValue) // told to drain
            return true;
        var (pendingBytes, pause) = (open.End - _shipped, now - since);
        if (pause >= settings.ShipEvery)
            return true;
        var untilFull = (open.Segment.End - open.End) / (double)pendingBytes * pause;
        return pendingBytes >= (ulong)settings.ShipSize.Bytes
            && pause >= settings.ShipPause
            && pause + untilFull > settings.ShipEvery;
    }

    private async Task<WalArchive> OpenArchiveAsync(CancellationToken cancellationToken)
    {
        if (_archive is not { } archive || time.GetElapsedTime(_openedAt) >= ReopenAfter)
        {
            archive = await openArchive(cancellationToken);
            if (_archive is null && await archive.FindIdentityAsync(cancellationToken) is { } stored)
                archive.Expect(stored);
            archive.Expect(spool.Cluster);
            // A generation must explain its timelines by itself: the older ones expire.
            if (!ReferenceEquals(archive, _archive))
                _histories.Clear();
            (_archive, _openedAt) = (archive, time.GetTimestamp());
        }
        // The spool has a history before any WAL of its timeline, and so has the store.
        foreach (var (timeline, content) in spool.Histories().Where(h => !_histories.Contains(h.Timeline)))
        {
            await archive.PutHistoryAsync(timeline, content, cancellationToken);
            _histories.Add(timeline);
        }
        return archive;
    }

    /// <param name="lane">Whose buffer it lies in until the next one is taken.</param>
    private WalFragment Take(WalRange range, int lane = 0)
    {
        var identity = spool.Cluster;
        var buffer = (_buffers[lane] ??= new byte[WalFragment.MaxBytes]).AsMemory(0, (int)range.LengthBytes);
        spool.Read(WalSegment.At(range.Timeline, range.Start, identity.SegmentSizeBytes), range.Start, buffer.Span);
        _scanner ??= form.NewScanner(identity.SegmentSizeBytes, timeline: null);
        if (range.End > _scannedTo) // a merged object was scanned in pieces before
        {
            _scanner.Add(range.Start, buffer.Span);
            _scannedTo = range.End;
        }
        return new WalFragment
        {
            SystemIdentifier = identity.SystemIdentifier,
            SegmentSizeBytes = identity.SegmentSizeBytes,
            Timeline = range.Timeline,
            Start = range.Start,
            Bytes = buffer,
            LastCommitAt = _scanner?.LastAt,
        };
    }

    private void Advance(WalRange shipped)
    {
        (_shipped, Shipped, LastCommitAt) = (shipped.End, shipped, _scanner?.LastAt);
        Reached?.Invoke(shipped.End);
    }

    private static IEnumerable<WalRange> PartsOf(SpooledSegment segment) =>
        Parts(new WalRange(segment.Segment.Timeline, segment.Segment.Start, segment.End));

    /// <summary>Cuts a range where objects end.</summary>
    private static IEnumerable<WalRange> Parts(WalRange range)
    {
        for (var at = range.Start; at < range.End; )
        {
            var border = new Lsn((at.Value / WalFragment.MaxBytes + 1) * WalFragment.MaxBytes);
            var end = border < range.End ? border : range.End;
            yield return range with
            {
                Start = at,
                End = end,
            };
            at = end;
        }
    }
}
