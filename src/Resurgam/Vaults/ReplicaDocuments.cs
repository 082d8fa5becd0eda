using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

/// <summary>What <c>vault copy</c> prints.</summary>
/// <param name="From">The store that was copied from.</param>
internal sealed record VaultCopyDocument(
    bool Passed,
    string From,
    bool DryRun,
    IReadOnlyList<ReplicaCopyView> Replicas
);

/// <param name="Objects">Copied now, or in a dry run to be copied.</param>
/// <param name="SourceObjects">That the source had, locks left out.</param>
/// <param name="RemovedObjects">That the source had let go.</param>
/// <param name="Expired">Generations that went, since the ledger says that they are expired.</param>
/// <param name="WithdrawnKeys">Ids of withdrawn keys that open the place no longer.</param>
internal sealed record ReplicaCopyView(
    string Name,
    string Store,
    bool Passed,
    long Objects,
    long Bytes,
    long SourceObjects,
    long SourceBytes,
    long RemovedObjects,
    IReadOnlyList<string> Expired,
    IReadOnlyList<string> WithdrawnKeys,
    long ReadBackBytes,
    IReadOnlyList<ReplicaFindingView> Findings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProblemView? Problem,
    TimeSpan Duration
)
{
    /// <summary>Null when nothing changed, or the ledger does not tell of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }

    /// <summary>Of the objects, the ledger's word of earlier copies and heals.</summary>
    [JsonIgnore]
    public long PlaceEntries { get; init; }

    /// <summary>The place is another one than before.</summary>
    [JsonIgnore]
    public bool HasChanged =>
        Objects > PlaceEntries || RemovedObjects > 0 || Expired.Count > 0 || WithdrawnKeys.Count > 0;

    /// <summary>This copy and a later one to the same place, as one.</summary>
    public ReplicaCopyView With(ReplicaCopyView later) =>
        later with
        {
            Objects = Objects + later.Objects,
            PlaceEntries = PlaceEntries + later.PlaceEntries,
            Bytes = Bytes + later.Bytes,
            RemovedObjects = RemovedObjects + later.RemovedObjects,
            Expired = [.. Expired.Union(later.Expired, StringComparer.Ordinal)],
            WithdrawnKeys = [.. WithdrawnKeys.Union(later.WithdrawnKeys, StringComparer.Ordinal)],
            ReadBackBytes = ReadBackBytes + later.ReadBackBytes,
            Duration = Duration + later.Duration,
        };

    public static ReplicaCopyView Failed(ReplicaPlace place, Problem problem, TimeSpan duration) =>
        new(
            place.Name,
            place.Place.Store.Written,
            Passed: false,
            0,
            0,
            0,
            0,
            0,
            [],
            [],
            0,
            [],
            ProblemView.Of(problem),
            duration
        );
}

internal sealed record ReplicaFindingView(string Fault, string Key, string How)
{
    public static ReplicaFindingView Of(ReplicaFinding finding) =>
        new(
            finding.Fault switch
            {
                ReplicaFault.DamagedInSource => "damaged-in-source",
                ReplicaFault.DamagedInTarget => "damaged-in-target",
                ReplicaFault.Differs => "differs",
                ReplicaFault.OtherGeneration => "other-generation",
                ReplicaFault.Forked => "forked",
                ReplicaFault.Ahead => "ahead",
                ReplicaFault.LostInSource => "lost-in-source",
                ReplicaFault.ExpiryUnknown => "expiry-unknown",
                ReplicaFault.NotRemoved => "not-removed",
                ReplicaFault.WithdrawnKey => "withdrawn-key",
                ReplicaFault.LockedKey => "locked-key",
                ReplicaFault.UnseenVersions => "unseen-versions",
            },
            finding.Key,
            finding.How
        );
}

/// <summary>How a replica stands, in <c>vault info</c>.</summary>
/// <param name="LagSeconds">How long the oldest object that it lacks has been in the primary: what the loss of the primary would cost now.</param>
/// <param name="Problem">Why nothing is known of it.</param>
internal sealed record ReplicaStateView(
    string Name,
    string Store,
    string? FailureDomain,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? LagObjects,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? LagBytes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? LagSeconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProblemView? Problem
)
{
    /// <summary>Withdrawn keys that still open it.</summary>
    public IReadOnlyList<OpeningKeyView> WithdrawnKeys { get; init; } = [];

    /// <summary>Why nobody can tell whether it keeps older versions of withdrawn keys' files; null when all can be seen.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UnseenVersions { get; init; }

    /// <summary>Ids of keys that open it and not the place that this command works in, and are not known to be withdrawn.</summary>
    public IReadOnlyList<string> StrayKeys { get; init; } = [];

    /// <summary>Streams of the ledger that go one way in it and another in the place that this command works in.</summary>
    public IReadOnlyList<string> ForkedStreams { get; init; } = [];

    /// <summary>Streams of the ledger of which nobody knows whether they are forked: it was too slow to show them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UncomparedStreams { get; init; }

    /// <summary>Streams of the ledger that go on in it behind what the place has that this command works in.</summary>
    public IReadOnlyList<string> StreamsAhead { get; init; } = [];

    public string ToText() =>
        string.Join(
            "; ",
            [
                LagText,
                .. ForkedStreams.Count > 0
                    ? [$"the ledger is forked ({string.Join(", ", ForkedStreams)}): resurgam ledger settle {Name}"]
                    : (string[])[],
                .. UncomparedStreams > 0
                    ? [$"{UncomparedStreams} streams of its ledger were not compared in time"]
                    : (string[])[],
                .. StreamsAhead.Count > 0
                    ? [$"it tells more ({string.Join(", ", StreamsAhead)}): resurgam --from {Name} vault copy primary"]
                    : (string[])[],
                .. WithdrawnKeys.Select(key => $"withdrawn key {key.Id[..8]} still opens it{key.UntilText}"),
                .. UnseenVersions is { } how
                    ? [$"older versions of withdrawn keys cannot be seen ({how})"]
                    : (string[])[],
                .. StrayKeys.Select(id => $"key {id[..Math.Min(8, id.Length)]} opens it alone"),
            ]
        );

    private string LagText =>
        this switch
        {
            { Problem: { } problem } => $"not known: {problem.What}",
            { LagObjects: > 0, LagBytes: { } bytes, LagSeconds: { } seconds } =>
                $"behind by {Duration.Format(TimeSpan.FromSeconds(Math.Ceiling(seconds)))}: {LagObjects} objects, {new ByteSize(bytes)}",
            _ => "has all",
        };
}

/// <summary>A withdrawn key that still opens a place.</summary>
/// <param name="Until">When the store's lock on its file ends; null when there is none.</param>
internal sealed record OpeningKeyView(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Until
)
{
    [JsonIgnore]
    public string UntilText => Until is { } until ? $" (the store keeps its file until {CliJson.ToText(until)})" : "";
}

/// <summary>What <c>vault heal</c> prints.</summary>
/// <param name="MissingObjects">Brought back; in a dry run, to be brought back.</param>
internal sealed record VaultHealDocument(
    bool Passed,
    string Store,
    bool DryRun,
    long Objects,
    long BytesRead,
    IReadOnlyList<HealedView> Damaged,
    long MissingObjects,
    long MissingBytes,
    IReadOnlyList<ReplicaFindingView> Findings,
    TimeSpan Duration
)
{
    /// <summary>Null when nothing changed, or the ledger does not tell of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }

    /// <summary>Of what was missing, the ledger's word of earlier copies and heals.</summary>
    [JsonIgnore]
    public long PlaceEntries { get; init; }

    /// <summary>The place is another one than before.</summary>
    [JsonIgnore]
    public bool HasChanged => MissingObjects > PlaceEntries || Damaged.Any(damaged => damaged.IsMended);
}

/// <param name="From">The place whose copy it has now; null when it stays damaged.</param>
internal sealed record HealedView(string Key, string Outcome, string How, string? From)
{
    public const string Remade = "remade";

    [JsonIgnore]
    public bool IsMended => From is not null || Outcome == Remade;

    public static HealedView Of(HealedObject healed) =>
        new(
            healed.Key,
            healed.Outcome switch
            {
                HealOutcome.Healed => "healed",
                HealOutcome.Remade => Remade,
                HealOutcome.NoCopy => "no-copy",
                HealOutcome.Refused => "refused",
            },
            healed.How,
            healed.From
        );
}
