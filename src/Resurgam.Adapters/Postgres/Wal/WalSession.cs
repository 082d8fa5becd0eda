using System.Diagnostics;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>One connection of a stream: from who the server is to where its WAL ends, across timelines.</summary>
/// <param name="server">Belongs to the caller.</param>
/// <param name="openArchive">Asked only when the spool is empty: a store that is away does not keep us from receiving.</param>
/// <param name="receive">Receives one timeline to its end.</param>
/// <param name="told">Something that a person should know, in a sentence.</param>
internal sealed class WalSession(
    IWalServer server,
    WalSpool spool,
    Func<CancellationToken, ValueTask<WalArchive>> openArchive,
    WalStreamSettings settings,
    WalResume resume,
    Func<IWalFeed, CancellationToken, Task<(uint NextTimeline, Lsn SwitchLsn)>> receive,
    Action<string> told
)
{
    private const string WalRemovedCode = "postgres-wal-removed";
    private const string SlotUnusableCode = "postgres-slot-unusable";

    private SystemIdentity? _system;

    private SystemIdentity Peer => _system ?? throw new UnreachableException("the server is asked who it is first");

    /// <summary>Streams until the server goes away or the token says stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _system = await server.IdentifyAsync(cancellationToken);
        var identity = new WalIdentity(_system.SystemIdentifier, await server.SegmentSizeAsync(cancellationToken));
        if (spool.Identity is null)
            await CheckArchiveAsync(identity, cancellationToken);
        spool.Expect(identity);
        var history = await KeepHistoriesAsync(_system.Timeline, cancellationToken);
        var slot = await EnsureSlotAsync(cancellationToken);
        var at = resume.SkipsGap
            ? await SkipGapAsync(slot, cancellationToken)
            : await ChooseStartAsync(history, slot, cancellationToken);
        while (true)
        {
            var (next, switchAt) = await StreamTimelineAsync(at, slot, cancellationToken);
            history = await KeepHistoriesAsync(next, cancellationToken);
            at = NextTimeline(history, at.Timeline, switchAt);
        }
    }

    private async Task<(uint NextTimeline, Lsn SwitchLsn)> StreamTimelineAsync(
        Place at,
        SlotState slot,
        CancellationToken cancellationToken
    )
    {
        spool.BeginAt(at.Timeline, at.Lsn);
        try
        {
            using var feed = await server.StartAsync(at.Timeline, at.Lsn, cancellationToken);
            var next = await receive(feed, cancellationToken);
            if (spool.Here.Written < next.SwitchLsn)
                throw WalStreamProblems.EndBeforeSwitch(
                    settings.Asset,
                    new WalRange(at.Timeline, spool.Here.Written, next.SwitchLsn)
                );
            spool.Sync();
            return next;
        }
        catch (ResurgamException e) when (e.Problem.Code is WalRemovedCode or SlotUnusableCode)
        {
            resume.SkipsGap = settings.AcceptGap;
            resume.SlotIsUseless = e.Problem.Code == SlotUnusableCode || slot.RestartLsn <= at.Lsn;
            throw e.Problem.Code == SlotUnusableCode
                ? WalStreamProblems.SlotLost(settings.Slot, e)
                : WalStreamProblems.Gap(
                    settings.Asset,
                    at.Timeline,
                    at.Lsn,
                    resume.SlotIsUseless ? null : slot.RestartLsn
                );
        }
    }

    /// <summary>Starts where the server's WAL begins, with a slot that holds it: the one that was lost is made anew.</summary>
    private async Task<Place> SkipGapAsync(SlotState slot, CancellationToken cancellationToken)
    {
        if (resume.SlotIsUseless)
        {
            await server.DropSlotAsync(cancellationToken);
            slot = await EnsureSlotAsync(cancellationToken);
        }
        var begin = slot.RestartTimeline > 0 ? slot.RestartLsn : Peer.FlushLsn;
        var timeline = slot.RestartTimeline > 0 ? slot.RestartTimeline : Peer.Timeline;
        told($"WAL is missing from {spool.Position?.Durable} to {FloorOf(begin)}: take a base backup now");
        resume.SkipsGap = false;
        return new Place(timeline, FloorOf(begin));
    }

    private async Task<SlotState> EnsureSlotAsync(CancellationToken cancellationToken)
    {
        if (await server.ReadSlotAsync(cancellationToken) is { } there)
            return there;
        await server.CreateSlotAsync(cancellationToken);
        told($"replication slot '{settings.Slot}' was not there and has been created");
        return await server.ReadSlotAsync(cancellationToken) ?? new SlotState(default, 0);
    }

    /// <summary>The end of the spool, else of the archive, else of what the slot holds; then mapped onto the server's history.</summary>
    private async Task<Place> ChooseStartAsync(
        TimelineHistory history,
        SlotState slot,
        CancellationToken cancellationToken
    )
    {
        var archived = spool.Position is null ? await FindArchivedAsync(cancellationToken) : null;
        var ours = spool.Position is { } spooled
            ? new Place(spooled.Timeline, spooled.ResumeAt ?? spooled.Durable)
            : archived;
        if (ours is not { } place)
        {
            var fresh = slot.RestartTimeline > 0 ? slot.RestartLsn : Peer.FlushLsn;
            return new Place(history.TimelineAt(fresh), FloorOf(fresh));
        }
        if (place.Timeline > history.Timeline)
            throw WalStreamProblems.TimelineBehind(settings.Asset, place.Timeline, history.Timeline);
        if (!history.Contains(place.Timeline))
            return settings.AcceptGap
                ? new Place(history.TimelineAt(slot.RestartLsn), FloorOf(slot.RestartLsn))
                : throw WalStreamProblems.ForeignTimeline(settings.Asset, place.Timeline, history.Timeline);
        if (history.LeftAt(place.Timeline) is { } leftAt && place.Lsn >= leftAt)
            return NextTimeline(history, place.Timeline, leftAt);
        if (place.Timeline == history.Timeline && place.Lsn > Peer.FlushLsn)
            throw WalStreamProblems.ServerBehind(settings.Asset, place.Lsn, Peer.FlushLsn);
        return archived is null ? place : place with { Lsn = FloorOf(place.Lsn) };
    }

    private async Task CheckArchiveAsync(WalIdentity identity, CancellationToken cancellationToken)
    {
        var archive = await openArchive(cancellationToken);
        if (await archive.FindIdentityAsync(cancellationToken) is { } stored && stored != identity)
            throw WalProblems.ForeignSystem(
                $"the server of {settings.Asset}",
                stored.SystemIdentifier,
                identity.SystemIdentifier
            );
    }

    private async Task<Place?> FindArchivedAsync(CancellationToken cancellationToken)
    {
        var archive = await openArchive(cancellationToken);
        var coverage = await archive.CoverageAsync(cancellationToken);
        return coverage.Timelines is [.., var newest] ? new Place(newest.Timeline, newest.End) : null;
    }

    /// <summary>The beginning of the segment in which the next timeline branches off: its file holds what came before, too.</summary>
    private Place NextTimeline(TimelineHistory history, uint left, Lsn switchAt)
    {
        if (spool.Position is { } position && position.Timeline == left && position.Durable > switchAt)
            told(
                $"timeline {left} was left at {switchAt}, and we hold it up to {position.Durable}: "
                    + "those records were lost by the failover; they stay in the archive"
            );
        // Of timelines that were left at the same position only the last one has WAL.
        return new Place(history.TimelineAt(switchAt), FloorOf(switchAt));
    }

    /// <summary>Stores the histories of a timeline and all its ancestors before any of its WAL.</summary>
    private async Task<TimelineHistory> KeepHistoriesAsync(uint timeline, CancellationToken cancellationToken)
    {
        if (await server.FindHistoryAsync(timeline, cancellationToken) is not { } content)
            return TimelineHistory.Root(timeline);
        var history = TimelineHistory.Parse(timeline, content);
        foreach (var ancestor in history.Ancestors.Skip(1))
            spool.PutHistory(
                ancestor.Timeline,
                await server.FindHistoryAsync(ancestor.Timeline, cancellationToken)
                    ?? history.Of(ancestor.Timeline).Format()
            );
        spool.PutHistory(timeline, content);
        return history;
    }

    private Lsn FloorOf(Lsn lsn) => WalSegment.At(1, lsn, spool.Cluster.SegmentSizeBytes).Start;

    private readonly record struct Place(uint Timeline, Lsn Lsn);
}

/// <summary>What one session leaves to the next.</summary>
internal sealed class WalResume
{
    /// <summary>The server has given up what comes next, and the operator accepts that.</summary>
    public bool SkipsGap { get; set; }

    /// <summary>The server has lost what its slot was to hold, whether it has marked the slot yet or not.</summary>
    public bool SlotIsUseless { get; set; }
}
