using System.Collections.Concurrent;
using Resurgam.Adapters.Ledgers;
using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Checks;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Readiness;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Media;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Wal;
using Resurgam.Drills;
using Resurgam.Ledgers;
using Resurgam.Wal;

namespace Resurgam.Status;

/// <summary>Looks at every asset of a plan from the vault's side: no source is asked, so it works when they are gone.</summary>
internal sealed class StatusReader(Session session, Plan plan, Vault vault)
{
    /// <summary>Looks at a store that is far away take turns waiting.</summary>
    private const int LooksAtOnce = 16;

    /// <summary>More of the past say nothing new about a step, and each has to be read once.</summary>
    private const int RunsOfRunbook = 8;

    private readonly ConcurrentBag<AssetFinding> _findings = [];

    /// <param name="assets">Those of the plan that are wanted.</param>
    public async Task<VaultStatus> ReadAsync(IReadOnlyList<Asset> assets, CancellationToken cancellationToken)
    {
        var path = Path.Combine(session.StateDirectoryOf(plan), "status", $"{vault.Descriptor?.Id ?? "foreign"}.json");
        var cache = HistoryCache.Read(path);
        var histories = await ReadHistoriesAsync(assets, cache, cancellationToken);
        var generations = await OpenGenerationsAsync(cancellationToken);
        var snapshots = await ReadSnapshotsAsync(generations, histories.Values, cache, cancellationToken);
        var runs = await ReadRunsAsync(cache, cancellationToken);
        Remember(path, cache, histories.Values, snapshots, runs);

        var now = session.Time.GetUtcNow();
        ScheduleSlots slots = new(plan.Schedules);
        slots.MoveTo(now);
        AddGone(histories.Values, generations, snapshots);
        var byAsset = snapshots.ToLookup(snapshot => snapshot.Asset);
        ConcurrentDictionary<AssetId, AssetPrediction> predictions = [];
        await EachAsync(
            assets,
            async (asset, token) =>
            {
                var told = histories[asset.Id];
                var mine = byAsset[asset.Id.Value].OrderBy(snapshot => snapshot.TakenAt).ToList();
                AssetFacts facts = new()
                {
                    Asset = asset.Id,
                    Kind = asset.Kind,
                    StartsEmpty = asset is Asset.Redis { StartEmpty: true },
                    HasWalElsewhere = asset is Asset.LogicalPostgres,
                    History = told.History,
                    Snapshots = [.. mine.Select(snapshot => new SnapshotFact(snapshot.Id, snapshot.TakenAt))],
                    LossObjective = Promises.LossOf(plan, asset),
                    RecoveryObjective = Promises.RecoveryOf(plan, asset),
                    BackupDueAt = slots.Last(ScheduledWork.Backup, asset.Id),
                    BackupEvery =
                        asset is Asset.LogicalPostgres
                            ? ScheduleRules.LongestGap(plan, asset.Id, ScheduledWork.Backup, now)
                            : null,
                    Unseen = told.Unseen is { } unseen ? [unseen] : [],
                };
                if (FollowedStream.Of(session, plan, asset) is { } stream)
                    facts = await AddWalAsync(facts, stream, generations, mine.LastOrDefault(), now, token);
                predictions[asset.Id] = AssetPrediction.Of(facts, now);
            },
            cancellationToken
        );
        AddPending();
        await AddOfflineAsync(now, cancellationToken);
        var readiness = await ReadReadinessAsync(assets, cancellationToken);
        var drills = await ReadDutiesAsync(now, cancellationToken);
        return VaultStatus.Of(
            plan,
            now,
            [.. assets.Select(asset => predictions[asset.Id])],
            [.. _findings],
            readiness,
            slots.Upcoming(),
            new StepTimes(runs),
            drills
        );
    }

    private async Task<IReadOnlyDictionary<AssetId, ToldHistory>> ReadHistoriesAsync(
        IReadOnlyList<Asset> assets,
        HistoryCache cache,
        CancellationToken cancellationToken
    )
    {
        ConcurrentDictionary<AssetId, ToldHistory> histories = [];
        if (vault.Descriptor is null || vault.HasLostKey)
        {
            _findings.Add(StatusFindings.NoLedger());
            return assets.ToDictionary(asset => asset.Id, _ => new ToldHistory(null, null));
        }
        var ledger = vault.OpenLedger();
        await EachAsync(
            assets,
            async (asset, token) =>
            {
                var stream = StreamName.OfAsset(asset.Id.Value);
                var known = cache.Streams.GetValueOrDefault(stream);
                try
                {
                    histories[asset.Id] = new(
                        await StreamHistory.ReadAsync(ledger, stream, known, asset is Asset.Redis, token),
                        null
                    );
                }
                catch (ResurgamException e)
                {
                    histories[asset.Id] = new(known, $"its part of the ledger, {e.Problem.What} ({e.Problem.Code})");
                }
            },
            cancellationToken
        );
        return histories;
    }

    /// <summary>The newest runs of each runbook of the plan that have ended, oldest first. What they measured is a help, not a promise: one that cannot be read is none.</summary>
    private async Task<IReadOnlyList<RunTimes>> ReadRunsAsync(HistoryCache cache, CancellationToken cancellationToken)
    {
        if (vault.Descriptor is null || vault.HasLostKey || plan.Scenarios.All(scenario => scenario.Runbook is null))
            return [];
        var ledger = vault.OpenLedger();
        var streams = await ledger.ListStreamsAsync(cancellationToken);
        var newest = plan
            .Runbooks.SelectMany(runbook =>
                streams
                    .Select(stream => (Stream: stream, Name: NameOf(stream)))
                    .Where(one => NamesOf(runbook).Contains(one.Name.Runbook))
                    .OrderBy(one => one.Name.Begun, StringComparer.Ordinal)
                    .TakeLast(RunsOfRunbook)
                    .Select(one => one.Stream)
            )
            .ToList();
        ConcurrentDictionary<StreamName, RunTimes> times = [];
        await EachAsync(
            newest,
            async (stream, token) =>
            {
                try
                {
                    if (
                        (cache.Runs.GetValueOrDefault(stream) ?? await RunTimes.FindAsync(ledger, stream, token)) is
                        { } run
                    )
                        times[stream] = run;
                }
                catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
                {
                    _findings.Add(StatusFindings.Damaged(e.Problem));
                }
            },
            cancellationToken
        );
        return [.. newest.Where(times.ContainsKey).Select(stream => times[stream])];
    }

    /// <summary>Of the assets that are asked for; of everything else only when all are.</summary>
    private async Task<IReadOnlyList<SubjectFinding>> ReadReadinessAsync(
        IReadOnlyList<Asset> assets,
        CancellationToken cancellationToken
    )
    {
        if (vault.Descriptor is null || vault.HasLostKey)
            return [];
        try
        {
            var state = await ReadinessState.ReadAsync(vault.OpenLedger(), cancellationToken);
            return
            [
                .. state.Open.Where(each =>
                    assets.Any(asset => asset.Id.Value == each.Subject)
                    || (assets.Count == plan.Assets.Count && each.Subject.Contains(' '))
                ),
            ];
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            _findings.Add(StatusFindings.Damaged(e.Problem));
            return [];
        }
    }

    /// <summary>What daemons could not do, or did and found something wrong.</summary>
    /// <returns>Drills that are open; what else is open becomes a finding.</returns>
    private async Task<IReadOnlyList<DrillFacts>> ReadDutiesAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (vault.Descriptor is null || vault.HasLostKey)
            return [];
        var ledger = vault.OpenLedger();
        try
        {
            if (
                plan.Schedules.Any(schedule => schedule.Work == ScheduledWork.Check)
                && await DutyState.ReadAsync(ledger, Duty.Check.StreamOfAll, cancellationToken)
                    is { Kind: DutyEntry.Done, Passed: false } check
            )
                _findings.Add(StatusFindings.NotWhole(check, now));
            List<DrillFacts> open = [];
            foreach (var drill in plan.Drills.Where(IsScheduled))
            {
                var state = await DutyState.ReadAsync(ledger, Duty.Drill.StreamOf(drill.Name), cancellationToken);
                if (DrillFacts.Of(drill.Name, drill.Scenario, state) is { } facts)
                    open.Add(facts);
            }
            return open.Count == 0 ? [] : await WithoutRepeatedAsync(open, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            _findings.Add(StatusFindings.Damaged(e.Problem));
            return [];
        }
    }

    private bool IsScheduled(Drill drill) => plan.Schedules.Any(schedule => schedule.Drill == drill.Name);

    /// <summary>One that was done by hand since, and passed, is no longer open.</summary>
    private async Task<IReadOnlyList<DrillFacts>> WithoutRepeatedAsync(
        List<DrillFacts> open,
        CancellationToken cancellationToken
    )
    {
        var book = await new DrillRunner(session, plan, vault).ReadBookAsync(cancellationToken);
        open.RemoveAll(drill =>
            book.Of(drill.Drill).LastOrDefault() is { Ending.Passed: true } last && last.BegunAt > drill.DueAt
        );
        return open;
    }

    /// <returns>Of <c>run.database-loss-20261124-025304-a1b2</c> what was run, and from when on; empty for another stream.</returns>
    private static (string Runbook, string Begun) NameOf(StreamName stream) =>
        stream.Value.StartsWith("run.", StringComparison.Ordinal) && stream.Value.Split('-') is [_, .., _, _, _] parts
            ? (string.Join('-', parts[..^3])["run.".Length..], string.Join('-', parts[^3..]))
            : ("", "");

    /// <summary>Its own, and those of the drills that rehearse it.</summary>
    private IEnumerable<string> NamesOf(Runbook runbook) =>
        [
            runbook.Id.Value,
            .. from drill in plan.Drills
            where plan.Scenarios.Any(one => one.Name == drill.Scenario && one.Runbook == runbook.Id.Value)
            select DrillRunner.RunbookOf(drill).Value,
        ];

    private async Task<IReadOnlyList<Repository>> OpenGenerationsAsync(CancellationToken cancellationToken)
    {
        List<Repository> generations = [];
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
            try
            {
                generations.Add(await vault.OpenGenerationAsync(name, cancellationToken));
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                _findings.Add(StatusFindings.Damaged(e.Problem));
            }
        return generations;
    }

    /// <summary>Names come from a listing; only what neither the ledger nor the cache knows is opened.</summary>
    private async Task<IReadOnlyList<SeenSnapshot>> ReadSnapshotsAsync(
        IReadOnlyList<Repository> generations,
        IEnumerable<ToldHistory> histories,
        HistoryCache cache,
        CancellationToken cancellationToken
    )
    {
        Dictionary<BlobId, KnownSnapshot> known = new(cache.Snapshots);
        foreach (var told in histories)
        foreach (var backup in told.History.Events.OfType<AssetEvent.Backup>())
            known[backup.Snapshot] = new KnownSnapshot(told.Asset, backup.TakenAt);
        List<SeenSnapshot> seen = [];
        List<(int Generation, BlobId Id)> unknown = [];
        foreach (var (index, generation) in generations.Index())
        await foreach (var (id, _) in generation.ListAsync(FileKind.Snapshot, cancellationToken))
            if (known.TryGetValue(id, out var snapshot))
                seen.Add(new SeenSnapshot(id, index, snapshot.Asset, snapshot.TakenAt));
            else
                unknown.Add((index, id));
        ConcurrentBag<SeenSnapshot> opened = [];
        await EachAsync(
            unknown,
            async (each, token) =>
            {
                if (await FindAsync(generations[each.Generation], each.Generation, each.Id, token) is { } found)
                    opened.Add(found);
            },
            cancellationToken
        );
        return [.. seen, .. opened];
    }

    /// <summary>What was deleted leaves nothing behind that could be found damaged. A generation that is gone as a whole is expiry's affair.</summary>
    private void AddGone(
        IEnumerable<ToldHistory> histories,
        IReadOnlyList<Repository> generations,
        IReadOnlyList<SeenSnapshot> snapshots
    )
    {
        foreach (var told in histories)
            if (
                told.History.LastBackup is { } last
                && snapshots.All(snapshot => snapshot.Id != last.Snapshot)
                && generations.Any(one => one.Prefix == $"generations/{last.TakenAt.UtcDateTime:yyyy-MM}/")
            )
                _findings.Add(StatusFindings.Gone(told.Asset, last));
    }

    private async Task<SeenSnapshot?> FindAsync(
        Repository generation,
        int index,
        BlobId id,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (await generation.FindJsonAsync(FileKind.Snapshot, id, cancellationToken) is not { } json)
                return null; // expired meanwhile
            Core.Vaults.Snapshots.SnapshotEntry entry = new(generation, id, SnapshotDocument.Read(json));
            return new SeenSnapshot(id, index, entry.Asset ?? "", entry.TakenAt);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            _findings.Add(StatusFindings.Damaged(e.Problem));
            return null;
        }
    }

    private void Remember(
        string path,
        HistoryCache cache,
        IEnumerable<ToldHistory> histories,
        IReadOnlyList<SeenSnapshot> snapshots,
        IReadOnlyList<RunTimes> runs
    )
    {
        List<StreamHistory> streams = [.. histories.Select(told => told.Stream).OfType<StreamHistory>()];
        var isKnown =
            streams.TrueForAll(stream => cache.Streams.GetValueOrDefault(stream.Head.Stream) == stream)
            && snapshots.All(snapshot => cache.Snapshots.ContainsKey(snapshot.Id))
            && runs.All(run => cache.Runs.ContainsKey(run.Stream));
        if (isKnown)
            return;
        var others = cache.Streams.Values.ExceptBy(streams.Select(stream => stream.Head.Stream), s => s.Head.Stream);
        HistoryCache.Write(
            path,
            streams.Concat(others),
            snapshots.Select(s => KeyValuePair.Create(s.Id, new KnownSnapshot(s.Asset, s.TakenAt))),
            runs,
            session.Entropy
        );
    }

    private static async Task<AssetFacts> AddWalAsync(
        AssetFacts facts,
        FollowedStream stream,
        IReadOnlyList<Repository> generations,
        SeenSnapshot? newest,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        WalReach? reach = null;
        try
        {
            if (newest is not null)
            {
                var places = generations.Skip(stream.BeginsAnew ? 0 : newest.Generation).Select(WalAccess.PlaceOf);
                WalArchive archive = new(facts.Asset.Value, [.. places]);
                reach = stream.ReachOf(
                    await archive.ListObjectsAsync(cancellationToken),
                    facts.History.FindBackup(newest.Id)
                );
            }
        }
        catch (ResurgamException e)
        {
            facts = facts with { Unseen = [.. facts.Unseen, $"its stream, {e.Problem.What} ({e.Problem.Code})"] };
        }
        return facts with
        {
            Wal = new WalFacts
            {
                Reach = reach,
                ShippedWithin = stream.ShippedWithin,
                Stream = stream.FindWord(reach, now),
            },
        };
    }

    /// <summary>The same facts with what the stream of this machine says now: a file beside its spool, nothing far away.</summary>
    public static AssetFacts AskStream(Session session, Plan plan, AssetFacts facts, DateTimeOffset now) =>
        facts.Wal is { } wal
        && plan.FindAsset(facts.Asset) is { } asset
        && FollowedStream.Of(session, plan, asset) is { } stream
            ? facts with
            {
                Wal = wal with { Stream = stream.FindWord(wal.Reach, now) },
            }
            : facts;

    private void AddPending()
    {
        if (vault.Descriptor is null || vault.HasLostKey)
            return;
        if (LedgerAccess.PendingOf(session, plan, vault.OpenLedger()).Count is > 0 and var count)
            _findings.Add(StatusFindings.Pending(count));
    }

    private async Task AddOfflineAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (plan.Vault.OfflineWithin is not { } within || vault.Descriptor is not { } descriptor || vault.HasLostKey)
            return;
        try
        {
            var media = await MediaLedger.ReadAsync(vault.OpenLedger(), cancellationToken);
            if (now - (media.NewestAway ?? descriptor.Created) > within)
                _findings.Add(StatusFindings.OfflineOverdue(media.NewestAway, now, within));
        }
        catch (ResurgamException e)
        {
            _findings.Add(StatusFindings.Damaged(e.Problem));
        }
    }

    private static Task EachAsync<T>(
        IEnumerable<T> items,
        Func<T, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken
    ) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellationToken },
            work
        );

    /// <param name="Stream">Null when nothing of it could be read.</param>
    private sealed record ToldHistory(StreamHistory? Stream, string? Unseen)
    {
        public AssetHistory History => Stream?.History ?? AssetHistory.Empty;

        public string Asset => Stream?.Head.Stream.FindAsset() ?? "";
    }

    private sealed record SeenSnapshot(BlobId Id, int Generation, string Asset, DateTimeOffset TakenAt);
}
