using Resurgam.Core.Values;

namespace Resurgam.Core.Predictions;

/// <summary>What is known of an asset's past: the newest events, and older ones that nothing newer replaces. Bounded.</summary>
public sealed record AssetHistory
{
    /// <summary>So many of the newest events of a stream are enough to begin with.</summary>
    public const int EnoughEvents = 32;

    /// <summary>Whole restores that are kept for what they measured, however old: verifications after the first write only what has changed.</summary>
    private const int KeptMeasures = 8;

    private const int MostEvents = 64;

    public static AssetHistory Empty { get; } = new();

    /// <summary>As the ledger has them, oldest first.</summary>
    public ValueList<AssetEvent> Events { get; private init; } = [];

    public AssetEvent.Backup? LastBackup => Events.OfType<AssetEvent.Backup>().MaxBy(e => e.TakenAt);

    /// <summary>The one that refuses most; null when nothing was revoked.</summary>
    public AssetEvent.Revocation? Revoked => Events.OfType<AssetEvent.Revocation>().MaxBy(e => e.Before);

    public static AssetHistory Of(IEnumerable<AssetEvent> events) =>
        events.Aggregate(Empty, (history, each) => history.With(each));

    public AssetHistory With(AssetEvent next)
    {
        ValueList<AssetEvent> events = [.. Events, next];
        return new AssetHistory { Events = events.Count <= MostEvents ? events : Shorten(events) };
    }

    public AssetEvent.Backup? FindBackup(Vaults.BlobId snapshot) =>
        Events.OfType<AssetEvent.Backup>().LastOrDefault(e => e.Snapshot == snapshot);

    /// <summary>A verification of the snapshot came to its end, well or badly.</summary>
    public bool IsVerified(Vaults.BlobId snapshot) =>
        Events.OfType<AssetEvent.Verification>().Any(e => e.Snapshot == snapshot);

    /// <summary>The newest event about <paramref name="tried"/>, well or badly ended.</summary>
    public AssetEvent? FindLast(string tried) =>
        Events.LastOrDefault(e => e.Kind == tried || (e is AssetEvent.Failure failure && failure.Tried == tried));

    private static ValueList<AssetEvent> Shorten(ValueList<AssetEvent> events)
    {
        var old = events.Take(events.Count - EnoughEvents).ToList();
        HashSet<AssetEvent> kept =
        [
            .. old.OfType<AssetEvent.Backup>().TakeLast(1),
            .. old.OfType<AssetEvent.Revocation>().OrderBy(e => e.Before).TakeLast(1),
            .. old.OfType<AssetEvent.Verification>().Where(e => e.Passed).TakeLast(1),
            .. old.Where(RecoverySteps.IsWhole).TakeLast(KeptMeasures),
        ];
        return [.. old.Where(kept.Contains), .. events.TakeLast(EnoughEvents)];
    }
}
