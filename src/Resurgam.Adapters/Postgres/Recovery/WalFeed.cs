using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Gives a recovering server its WAL from the archive, the next segments read ahead. Thread-safe.</summary>
/// <remarks>Memory: as many segments as are read ahead, and the one that is being given.</remarks>
public sealed class WalFeed(WalArchive archive, int segmentBytes)
{
    /// <summary>Bytes read ahead: opening runs beside the replay of the segments before.</summary>
    private const int AheadBytes = 48 << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<WalSegment, Task<WalSegmentContent?>> _ahead = [];

    /// <summary>The bytes of a WAL segment or a timeline's history.</summary>
    /// <param name="name">As PostgreSQL asks for it with <c>%f</c>.</param>
    /// <returns>Null when the archive has no such file.</returns>
    /// <exception cref="Core.Problems.ResurgamException">It has, and it is damaged, or the store cannot be read.</exception>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (WalFileName.TryParseHistory(name, out var timeline))
            return await archive.FindHistoryAsync(timeline, cancellationToken);
        if (!WalSegment.TryParse(name, segmentBytes, out var segment))
            return null; // a partial segment or a backup's label: never kept in an archive of ours
        var reading = Take(segment) ?? ReadAsync(segment);
        var content = await reading.WaitAsync(cancellationToken);
        if (content is { } found && found.RealEnd == segment.End)
            ReadAhead(segment);
        return content?.Bytes;
    }

    private Task<WalSegmentContent?>? Take(WalSegment segment)
    {
        lock (_gate)
        {
            // What lies behind is not asked for again, but for the first ones, when the server looks for its checkpoint.
            foreach (
                var old in _ahead.Keys.Where(s => s.Timeline != segment.Timeline || s.Number < segment.Number).ToList()
            )
                _ahead.Remove(old);
            if (!_ahead.Remove(segment, out var reading))
                return null;
            var isWhole = reading is { IsCompletedSuccessfully: false } || IsWhole(reading, segment);
            return isWhole ? reading : null; // a growing segment is read when it is asked for, not before
        }
    }

    private static bool IsWhole(Task<WalSegmentContent?> reading, WalSegment segment) =>
        reading.GetAwaiter().GetResult() is { } content && content.RealEnd == segment.End;

    private void ReadAhead(WalSegment segment)
    {
        lock (_gate)
            for (var count = 0; count < Math.Max(1, AheadBytes / segmentBytes); count++)
            {
                segment = segment.Next;
                if (!_ahead.ContainsKey(segment))
                    _ahead.Add(segment, Task.Run(() => ReadAsync(segment)));
            }
    }

    /// <summary>Not the caller's token: what is read ahead outlives the request.</summary>
    private Task<WalSegmentContent?> ReadAsync(WalSegment segment) =>
        archive.ReadSegmentAsync(segment.Timeline, segment.Number, CancellationToken.None);
}
