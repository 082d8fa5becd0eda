using Resurgam.Core.Vaults;

namespace Resurgam.Core.Predictions;

/// <summary>If it happened now: what of an asset would be lost, and how long its recovery would take.</summary>
/// <remarks>It happens to everything but the vault: the asset, its machine, and this one.</remarks>
public sealed record AssetPrediction
{
    public required AssetFacts Facts { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Whole in the vault, and not found to be bad; null when there is none.</summary>
    public SnapshotFact? Newest { get; init; }

    /// <summary>The newest snapshot that has passed a verification and is still there.</summary>
    public SnapshotFact? Verified { get; init; }

    /// <summary>When that verification was.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>The newest moment that has been proven: with its WAL, it is later than the snapshot.</summary>
    public DateTimeOffset? VerifiedPoint { get; init; }

    /// <summary>The moment to which the asset could be brought back now; null: to none.</summary>
    public DateTimeOffset? RecoveryPoint { get; init; }

    /// <summary>What would be lost at most, as time; null: everything.</summary>
    public TimeSpan? Loss { get; init; }

    /// <summary>WAL that would be replayed; null when there is none, or it is not known.</summary>
    public long? WalBytes { get; init; }

    /// <summary>The critical path, in its order. Empty while nothing was measured.</summary>
    public IReadOnlyList<StepEstimate> Steps { get; init; } = [];

    /// <summary>The sum of <see cref="Steps"/>; null while nothing was measured, or there is nothing to recover from.</summary>
    public Estimate? Recovery { get; init; }

    /// <summary>How much of the objective is left; negative when it is exceeded. Null without an objective or a prediction.</summary>
    public TimeSpan? RecoveryMargin => Facts.RecoveryObjective - Recovery?.Likely;

    /// <inheritdoc cref="RecoveryMargin"/>
    public TimeSpan? LossMargin => Facts.LossObjective - Loss;

    public IReadOnlyList<AssetFinding> Findings { get; init; } = [];

    /// <summary>Something of it needs a person.</summary>
    public bool IsAtRisk => Findings.Any(finding => finding.IsRisk);

    public static AssetPrediction Of(AssetFacts facts, DateTimeOffset at)
    {
        var verdicts = facts
            .History.Events.OfType<AssetEvent.Verification>()
            .GroupBy(e => e.Snapshot)
            .ToDictionary(group => group.Key, group => group.Last());
        var newest = facts.Snapshots.LastOrDefault(snapshot => !IsBad(snapshot.Id));
        var verified = facts.Snapshots.LastOrDefault(snapshot =>
            verdicts.GetValueOrDefault(snapshot.Id)?.Passed == true
        );
        var proof = verified is null ? null : verdicts[verified.Id];
        var point = PointOf(facts, newest);
        var walBytes = WalBytesOf(facts, newest);
        var steps = newest is null ? [] : PredictSteps(facts.History, newest.Id, walBytes);
        AssetPrediction prediction = new()
        {
            Facts = facts,
            At = at,
            Newest = newest,
            Verified = verified,
            VerifiedAt = proof?.At,
            VerifiedPoint = Later(proof?.LastCommitAt, verified?.TakenAt),
            RecoveryPoint = point,
            Loss = point is { } to ? Positive(at - to) : null,
            WalBytes = walBytes,
            Steps = steps,
            Recovery = steps is [var first, ..]
                ? steps.Skip(1).Aggregate(first.Time, (sum, step) => sum + step.Time)
                : null,
        };
        return prediction with { Findings = AssetFinding.Of(prediction) };

        bool IsBad(BlobId snapshot) => verdicts.GetValueOrDefault(snapshot)?.Passed == false;
    }

    /// <summary>As far as WAL leads on from the snapshot, and else the snapshot itself.</summary>
    private static DateTimeOffset? PointOf(AssetFacts facts, SnapshotFact? newest)
    {
        if (newest is null || facts.Wal is not { Reach: { } reach } wal)
            return newest?.TakenAt;
        if (reach.Gap is null && wal.Stream is { IsRunning: true, SecuredAt: { } secured })
            return Later(secured, newest.TakenAt);
        return Later(reach.StoredAt - wal.ShippedWithin, newest.TakenAt);
    }

    private static long? WalBytesOf(AssetFacts facts, SnapshotFact? newest) =>
        newest is not null
        && facts.Wal?.Reach is { } reach
        && facts.History.FindBackup(newest.Id) is { Timeline: > 0 } backup
        && reach.End >= backup.Start
            ? (long)(reach.End - backup.Start)
            : null;

    private static List<StepEstimate> PredictSteps(AssetHistory history, BlobId snapshot, long? walBytes)
    {
        var size = history.FindBackup(snapshot)?.SizeBytes;
        List<StepEstimate> steps = [];
        foreach (var step in RecoverySteps.Learn(history))
            if (step.Predict(size, walBytes) is { } time)
                steps.Add(new StepEstimate(step.Name, time));
        // Without the restore itself the sum would be a false comfort.
        return steps.Exists(step => step.Step == RecoverySteps.Restore) ? steps : [];
    }

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) =>
        left > right || right is null ? left : right;

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}

/// <param name="Step">As verifications and restores call it.</param>
public sealed record StepEstimate(string Step, Estimate Time);
