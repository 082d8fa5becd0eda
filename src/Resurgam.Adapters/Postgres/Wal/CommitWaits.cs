using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>Since when each commit has been seen waiting: the server itself does not tell.</summary>
internal sealed class CommitWaits
{
    private Dictionary<string, (long Since, Lsn ServerEnd)> _waiting = [];

    /// <param name="waiting">The commits that wait at this moment, each by a name that does not change while it waits.</param>
    /// <param name="serverEnd">The end of the server's WAL: what they wait for lies before it.</param>
    public void Saw(IEnumerable<string> waiting, Lsn serverEnd, long timestamp) =>
        _waiting = waiting
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(
                w => w,
                w => _waiting.TryGetValue(w, out var known) ? known : (timestamp, serverEnd),
                StringComparer.Ordinal
            );

    /// <summary>Since when the oldest commit waits that we have not acknowledged; null when none does.</summary>
    /// <param name="acknowledged">How far our stream has come; null when it is not connected.</param>
    public long? Oldest(Lsn? acknowledged)
    {
        long? oldest = null;
        foreach (var (since, end) in _waiting.Values)
            if ((acknowledged is not { } lsn || lsn < end) && (oldest is null || since < oldest))
                oldest = since;
        return oldest;
    }

    public void Clear() => _waiting.Clear();
}
