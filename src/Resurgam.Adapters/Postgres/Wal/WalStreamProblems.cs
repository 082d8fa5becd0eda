using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>Everything that can stop a WAL stream on our side of the connection.</summary>
public static class WalStreamProblems
{
    internal const string SlotLostCode = "wal-slot-lost";

    public static ResurgamException SlotLost(string slot, Exception cause) => new(SlotLost(slot), cause);

    public static Problem SlotLost(string slot) =>
        new(
            SlotLostCode,
            Remedy.Fix,
            What: $"the server has given up the WAL of replication slot '{slot}'",
            Hint: "It fell behind max_slot_wal_keep_size. Start the stream with --accept-gap, which makes the slot anew, "
                + "and take a base backup: resurgam backup."
        );

    public static ResurgamException Gap(string asset, uint timeline, Lsn from, Lsn? until) =>
        new(
            new Problem(
                "wal-stream-gap",
                Remedy.Fix,
                What: $"the server no longer has the WAL of {asset} from {from} on timeline {timeline}"
                    + (until is { } end ? $"; it begins at {end}" : ""),
                Hint: "Start the stream with --accept-gap to go on behind the gap, and take a base backup at once: "
                    + "resurgam backup. Recovery cannot cross the gap."
            )
        );

    public static ResurgamException ServerBehind(string asset, Lsn ours, Lsn servers) =>
        new(
            new Problem(
                "wal-server-behind",
                Remedy.Retry,
                What: $"the server of {asset} has WAL up to {servers}, and we have it up to {ours}",
                Hint: "Either it still replays, or it is an older copy of the cluster that should not run as primary: "
                    + "compare 'select pg_control_checkpoint()' on all servers of this cluster."
            )
        );

    public static ResurgamException TimelineBehind(string asset, uint ours, uint servers) =>
        new(
            new Problem(
                "wal-timeline-behind",
                Remedy.Fix,
                What: $"the server of {asset} is on timeline {servers}, and timeline {ours} exists already",
                Hint: "This is most likely the old primary after a failover: point the asset's connection to the new one, "
                    + "and keep the old one stopped."
            )
        );

    public static ResurgamException ForeignTimeline(string asset, uint ours, uint servers) =>
        new(
            new Problem(
                "wal-foreign-timeline",
                Remedy.Fix,
                What: $"timeline {servers} of the server of {asset} does not descend from timeline {ours}, which we have",
                Hint: "The cluster was recovered to a point on another branch. Start the stream with --accept-gap to follow "
                    + "this server, and take a base backup: resurgam backup."
            )
        );

    public static ResurgamException Silent(string asset, TimeSpan silence) =>
        new(
            new Problem(
                "wal-server-silent",
                Remedy.Retry,
                What: $"the server of {asset} has not answered for {silence.TotalSeconds:0} s",
                Hint: "Check the network between here and the server; the stream connects again by itself."
            )
        );

    public static ResurgamException EndBeforeSwitch(string asset, WalRange missing) =>
        new(
            new Problem(
                "wal-timeline-cut",
                Remedy.Retry,
                What: $"the server of {asset} ended the timeline before it had sent {missing}",
                Hint: "The stream asks for it again. If this repeats, report it with the server's log."
            )
        );
}
