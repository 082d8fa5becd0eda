using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Core.Vaults.Scrubs;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

/// <summary>How the places of a vault stand: how far each replica is behind, and how far its reading has come. For <c>vault info</c> and <c>status</c>.</summary>
internal static class PlaceStates
{
    /// <summary>A replica that does not answer for so long is told as not known: a status has to come.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>How far the other places are behind this one; one that cannot be asked keeps none from being told.</summary>
    /// <param name="store">The place that this command works in.</param>
    public static async Task<IReadOnlyList<ReplicaStateView>> CompareAsync(
        Session session,
        Plan plan,
        IStore store,
        CancellationToken cancellationToken
    )
    {
        if (plan.Vault.Replicas.Count == 0)
            return [];
        return await Task.WhenAll(
            PlaceAccess
                .Others(session, plan, wanted: null)
                .Select(place => CompareAsync(session, plan, store, place, cancellationToken))
        );
    }

    /// <summary>What the ledger says of the reading of each place.</summary>
    /// <exception cref="ResurgamException"><c>ledger-damaged</c></exception>
    public static async Task<IReadOnlyList<ScrubView>> ReadScrubsAsync(
        Plan plan,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        List<ScrubView> scrubs = [];
        if (vault.Descriptor is null || vault.HasLostKey)
            return scrubs;
        var ledger = vault.OpenLedger();
        foreach (var place in PlaceAccess.All(plan))
            if (await ScrubState.FindAsync(ledger, place.Name, cancellationToken) is { } state)
                scrubs.Add(ScrubView.Of(state));
        return scrubs;
    }

    /// <summary>What is wrong with the place that this command works in.</summary>
    public static async Task<IReadOnlyList<AssetFinding>> FindOwnAsync(
        Session session,
        Plan plan,
        IStore store,
        CancellationToken cancellationToken
    ) =>
        [
            .. from remains in await VaultKeys.FindOpenAsync(store, cancellationToken)
            let place = PlaceAccess.Chosen(session, plan).Name
            select remains.IsUnseen
                ? PlaceFindings.UnseenVersions(place, remains.How)
                : PlaceFindings.StillOpen(place, new OpeningKeyView(remains.Id, remains.Until)),
        ];

    /// <summary>What is wrong with the others.</summary>
    public static IEnumerable<AssetFinding> FindingsOf(
        IReadOnlyList<ReplicaStateView> replicas,
        IReadOnlyList<ScrubView> scrubs,
        DateTimeOffset now
    )
    {
        foreach (var replica in replicas)
        {
            foreach (var key in replica.WithdrawnKeys)
                yield return PlaceFindings.StillOpen(replica.Name, key);
            if (replica.UnseenVersions is { } how)
                yield return PlaceFindings.UnseenVersions(replica.Name, how);
            foreach (var id in replica.StrayKeys)
                yield return PlaceFindings.StrayKey(replica.Name, id);
            if (replica.ForkedStreams.Count > 0)
                yield return PlaceFindings.Forked(replica.Name, replica.ForkedStreams);
            if (replica.UncomparedStreams > 0)
                yield return PlaceFindings.Uncompared(replica.Name, replica.UncomparedStreams);
            if (replica.StreamsAhead.Count > 0)
                yield return PlaceFindings.Ahead(replica.Name, replica.StreamsAhead);
        }
        foreach (var replica in replicas)
            if (replica.Problem is { } problem)
                yield return PlaceFindings.Unseen(replica.Name, problem);
            else if (TimeSpan.FromSeconds(replica.LagSeconds ?? 0) is var lag && lag > PlaceFindings.MostLag)
                yield return PlaceFindings.Behind(replica.Name, lag, replica.LagObjects ?? 0, replica.LagBytes ?? 0);
        foreach (var scrub in scrubs)
        {
            if (!scrub.Passed)
                yield return PlaceFindings.Damaged(scrub.Place, scrub.DamagedCount, replicas.Count > 0);
            if (now - scrub.ReadAt > scrub.Period / 2)
                yield return PlaceFindings.Late(scrub.Place, now - scrub.ReadAt, scrub.Period);
        }
    }

    private static async Task<ReplicaStateView> CompareAsync(
        Session session,
        Plan plan,
        IStore store,
        ReplicaPlace place,
        CancellationToken cancellationToken
    )
    {
        ReplicaStateView state = new(
            place.Name,
            place.Place.Store.Written,
            place.Place.FailureDomain,
            null,
            null,
            null,
            null
        );
        using CancellationTokenSource limit = new(AnswerLimit, session.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // One that is dead is told at once.
            var descriptor = await PlaceAccess.FindDescriptorAsync(session, place, both.Token);
            var replica = await VaultAccess.OpenStoreAsync(session, place.Place, both.Token);
            var comparison = await ReplicaComparison.RunAsync(store, replica, both.Token);
            var lag = comparison.LagAt(session.Time.GetUtcNow());
            var withdrawn = await comparison.FindWithdrawnAsync(replica, both.Token);
            var ahead = await comparison.FindAheadAsync(store, both.Token);
            var chosen = PlaceAccess.Chosen(session, plan).Name;
            var ends = LedgerAccess.EndsOf(session, plan, descriptor, chosen, place.Name);
            ForkSearch search = new(comparison, store, replica, ends);
            var forks = await FindForksAsync(search, both.Token, cancellationToken);
            return state with
            {
                LagObjects = lag.Objects,
                LagBytes = lag.Bytes,
                LagSeconds = lag.Age.TotalSeconds,
                WithdrawnKeys =
                [
                    .. from key in withdrawn where !key.IsUnseen select new OpeningKeyView(key.Id, key.Until),
                ],
                UnseenVersions = withdrawn.FirstOrDefault(key => key.IsUnseen)?.How,
                StrayKeys = comparison.StrayKeys,
                ForkedStreams = [.. forks.Select(fork => fork.Stream.Value)],
                UncomparedStreams = search.Unseen,
                StreamsAhead = [.. ahead.Except(forks.Select(fork => fork.Stream)).Select(stream => stream.Value)],
            };
        }
        catch (ResurgamException e)
        {
            return state with { Problem = ProblemView.Of(e.Problem) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = PlaceProblems.Silent(place.Place.Store.Written, AnswerLimit).Problem;
            return state with { Problem = ProblemView.Of(problem) };
        }
    }

    /// <returns>What was found in time: what was not looked at is told, and all else is known.</returns>
    private static async Task<IReadOnlyList<StreamFork>> FindForksAsync(
        ForkSearch search,
        CancellationToken limit,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await search.RunAsync(limit);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Out of time: ForkSearch.Unseen says how many are left.
        }
        return search.Forks;
    }
}

/// <summary>How far the reading of a place has come.</summary>
/// <param name="RoundShare">How much of this round was read, 0 to 1.</param>
/// <param name="AllReadSince">Everything that was there at this moment was read since; null before the first round has ended.</param>
/// <param name="ReadAt">Of the last reading.</param>
/// <param name="Period">Everything is to be read within so long.</param>
/// <param name="DamagedCount">Known, and not healed yet.</param>
internal sealed record ScrubView(
    string Place,
    bool Passed,
    double RoundShare,
    DateTimeOffset? AllReadSince,
    DateTimeOffset ReadAt,
    TimeSpan Period,
    int DamagedCount
)
{
    public static ScrubView Of(ScrubState state) =>
        new(
            state.Place,
            state.Passed,
            Math.Round(state.RoundShare, 4),
            state.AllReadSince,
            state.ReadAt,
            TimeSpan.FromSeconds(state.PeriodSeconds),
            state.DamagedCount
        );

    public string ToText()
    {
        var share = RoundShare.ToString("P1", CultureInfo.InvariantCulture);
        var all = AllReadSince is { } since
            ? $"all that was there at {CliJson.ToText(since)} was read since, {share} of the next round"
            : $"{share} of the first round is read";
        return $"{Place}: {(Passed ? "" : $"{DamagedCount} damaged, ")}{all}; last read {CliJson.ToText(ReadAt)}, each byte within {Duration.Format(Period)}";
    }
}

/// <summary>What can be wrong with the places of a vault.</summary>
internal static class PlaceFindings
{
    /// <summary>A replica that nobody copies to for so long is no replica.</summary>
    public static readonly TimeSpan MostLag = TimeSpan.FromDays(1);

    /// <summary>Streams that a finding names.</summary>
    private const int MostNamed = 3;

    public static AssetFinding Unseen(string replica, ProblemView problem) =>
        new(
            "replica-unseen",
            IsRisk: false,
            $"replica {replica} cannot be asked: {problem.What} ({problem.Code})",
            problem.Hint
        );

    public static AssetFinding Behind(string replica, TimeSpan lag, long objects, long bytes) =>
        new(
            "replica-behind",
            IsRisk: true,
            $"replica {replica} is behind by {Duration.Rough(lag)}: {objects} objects, {new ByteSize(bytes)}",
            "Run 'resurgam vault copy', and keep 'resurgam vault copy --follow' running or a schedule with 'do: copy'."
        );

    /// <param name="place"><c>primary</c>, or a replica's name.</param>
    /// <param name="key">That opens it.</param>
    public static AssetFinding StillOpen(string place, OpeningKeyView key)
    {
        var command = place == ReplicaPlace.Primary ? $"vault key withdraw {key.Id[..8]}" : $"vault copy {place}";
        return new AssetFinding(
            "withdrawn-key-open",
            IsRisk: true,
            $"withdrawn key {key.Id[..8]} still opens {(place == ReplicaPlace.Primary ? "the primary" : $"replica {place}")}{key.UntilText}",
            key.Until is null
                ? $"Run 'resurgam {command}' with the vault's secret and the right to delete: it takes the key's files away. docs/operations/keys.md."
                : $"Nobody can delete it before then: keep readers away from that store, and run 'resurgam {command}' afterwards. docs/operations/keys.md."
        );
    }

    /// <param name="place"><c>primary</c>, or a replica's name.</param>
    /// <param name="how">Why.</param>
    public static AssetFinding UnseenVersions(string place, string how) =>
        new(
            "withdrawn-key-unseen",
            IsRisk: false,
            $"whether {(place == ReplicaPlace.Primary ? "the primary" : $"replica {place}")} keeps older versions of withdrawn keys' files cannot be told: {how}",
            "Give the store's credentials the right to list versions (on S3 s3:GetBucketVersioning and s3:ListBucketVersions), or look for yourself. docs/operations/keys.md."
        );

    public static AssetFinding StrayKey(string replica, string id) =>
        new(
            "replica-stray-key",
            IsRisk: true,
            $"key {id[..Math.Min(8, id.Length)]} opens replica {replica} and not the primary",
            $"Was it added there, 'resurgam --from {replica} vault copy primary' brings it; else 'resurgam --from {replica} vault key withdraw {id[..Math.Min(8, id.Length)]}' takes it away."
        );

    public static AssetFinding Forked(string replica, IReadOnlyList<string> streams) =>
        new(
            "ledger-forked",
            IsRisk: true,
            $"the ledger was written to in replica {replica} on its own: {Named(streams)} one way here and another there, and no copy brings {(streams.Count == 1 ? "it" : "them")} any more",
            $"Run 'resurgam ledger settle {replica} --reason TEXT': what the replica told is kept, and told again here. docs/operations/replicas.md."
        );

    public static AssetFinding Uncompared(string replica, int streams) =>
        new(
            "ledger-uncompared",
            IsRisk: false,
            $"replica {replica} did not show {streams} streams of the ledger in time: nobody can tell whether they are forked",
            "Run the same command again: what was compared is remembered, and it goes on from there."
        );

    public static AssetFinding Ahead(string replica, IReadOnlyList<string> streams) =>
        new(
            "ledger-behind-replica",
            IsRisk: false,
            $"replica {replica} has entries of the ledger that are not here: {Named(streams)} on there",
            $"Before anything else is written here run 'resurgam --from {replica} vault copy primary': it brings what was done there while this place was away. docs/operations/replicas.md."
        );

    /// <summary>The first of them, and a verb: "streams asset.db, vault and 3 others go".</summary>
    private static string Named(IReadOnlyList<string> streams) =>
        streams.Count switch
        {
            1 => $"stream {streams[0]} goes",
            <= MostNamed => $"streams {string.Join(", ", streams)} go",
            _ => $"streams {string.Join(", ", streams.Take(MostNamed))} and {streams.Count - MostNamed} others go",
        };

    public static AssetFinding Damaged(string place, int count, bool hasReplicas) =>
        new(
            "vault-scrub-damaged",
            IsRisk: true,
            $"{count} {(count == 1 ? "object" : "objects")} of {place} {(count == 1 ? "is" : "are")} damaged or missing",
            hasReplicas
                ? $"Run 'resurgam vault heal{(place == ReplicaPlace.Primary ? "" : $" {place}")}', then 'resurgam vault scrub{(place == ReplicaPlace.Primary ? "" : $" {place}")}'."
                : "Run 'resurgam vault check --read-data' to see which snapshots are hurt, and back up anew in the next generation; a replica would heal it."
        );

    public static AssetFinding Late(string place, TimeSpan since, TimeSpan period) =>
        new(
            "vault-scrub-late",
            IsRisk: false,
            $"{place} was last read back {Duration.Rough(since)} ago, and every byte is to be read within {Duration.Format(period)}",
            "Run 'resurgam vault scrub' every day, or a schedule with 'do: scrub'."
        );
}
