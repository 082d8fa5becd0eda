using System.Globalization;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Wal;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;
using Resurgam.Wal;

namespace Resurgam.Status;

/// <summary>The stream of an asset's changes, as the vault and this machine know it: no server is asked.</summary>
/// <param name="Folder">Its spool on this machine.</param>
/// <param name="ShippedWithin">What the server wrote is in the store after this time at most.</param>
/// <param name="BeginsAnew">A Redis server's, whose timelines have bases of their own; a cluster's goes on from any snapshot.</param>
internal sealed record FollowedStream(string Folder, TimeSpan ShippedWithin, bool BeginsAnew)
{
    /// <summary>The store may have taken its object a little after the stream's last word.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <returns>Null for an asset whose changes nobody follows.</returns>
    public static FollowedStream? Of(Session session, Plan plan, Asset asset) =>
        asset switch
        {
            Asset.Postgres postgres => Of(WalAccess.SettingsOf(session, plan, postgres)),
            Asset.Redis { StartEmpty: false } redis => Of(WalAccess.SettingsOf(session, plan, redis)),
            _ => null,
        };

    /// <param name="objects">Of every timeline.</param>
    /// <param name="newest">Backup of the newest snapshot; null when the ledger does not tell of it.</param>
    public WalReach? ReachOf(
        IReadOnlyList<(WalObjectName Name, DateTimeOffset StoredAt)> objects,
        AssetEvent.Backup? newest
    )
    {
        if (!BeginsAnew)
            return newest is { Timeline: > 0 } ? WalReach.From(objects, newest.Timeline, newest.Stop) : null;
        if (objects.Count == 0)
            return null;
        var last = objects.Max(each => each.Name.Timeline);
        var ofLast = objects.Where(each => each.Name.Timeline == last).ToList();
        return WalReach.From(ofLast, last, ofLast.Min(each => each.Name.Start));
    }

    /// <summary>What the stream on this machine says of itself. Null also when the store has later objects: then another machine streams.</summary>
    public StreamFacts? FindWord(WalReach? reach, DateTimeOffset now)
    {
        if (WalStreamStatus.Find(Folder) is not { } said)
            return null;
        var isRunning = said.IsStreamingAt(now) || said.IsCopyingAt(now);
        if (!isRunning && reach?.StoredAt > said.UpdatedAt + Grace)
            return null;
        var problem = said.FindHangAt(now) ?? said.StreamProblem ?? said.StoreProblem ?? said.WatchdogProblem;
        return new StreamFacts(isRunning, said.StoreSecuredAt, said.Damage ?? problem?.What, LagOf(said))
        {
            Hint = said.Damage is null && problem is { Remedy: Remedy.Fix } ? problem.Hint : null,
        };
    }

    private static FollowedStream Of(WalStreamSettings settings) => new(settings.Folder, settings.ShipEvery, false);

    private static FollowedStream Of(StreamSettings settings) => new(settings.Folder, settings.ShipEvery, true);

    private static long? LagOf(WalStreamStatus said) =>
        PositionOf(said.ServerLsn) is { } end && PositionOf(said.ShippedLsn) is { } shipped
            ? Math.Max(0, end - shipped)
            : null;

    /// <summary>A cluster's <c>0/16B3748</c>, or a Redis server's decimal digits.</summary>
    private static long? PositionOf(string? text) =>
        Lsn.TryParse(text, out var lsn) ? (long)lsn.Value
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset
        : null;
}
