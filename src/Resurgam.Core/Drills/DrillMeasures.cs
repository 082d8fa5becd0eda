namespace Resurgam.Core.Drills;

/// <summary>What was measured of a disaster and its end.</summary>
/// <param name="FaultAt">When the clock began. Null: it did not come so far.</param>
/// <param name="RecoveredAt">Since when all has held until the end. Null: it has not.</param>
public sealed record DrillMeasures(DateTimeOffset? FaultAt, DateTimeOffset? RecoveredAt)
{
    /// <summary>False: nothing measures the loss.</summary>
    public bool MeasuresLoss { get; init; }

    /// <summary>Null: not measured, or it could not be.</summary>
    public TimeSpan? Loss { get; init; }

    /// <summary>The fault in words, and who saw it; for a run in earnest, whose entries say nothing of it.</summary>
    public (string What, string Who)? Fault { get; init; }

    public TimeSpan? Recovery =>
        RecoveredAt - FaultAt is { } span ? (span > TimeSpan.Zero ? span : TimeSpan.Zero) : null;

    /// <summary>What the entries of a run in earnest do not say.</summary>
    internal IEnumerable<DrillMoment> Moments
    {
        get
        {
            if (Fault is not var (what, who))
                yield break;
            if (FaultAt is { } fault)
                yield return new DrillMoment(fault, TimeSpan.Zero, "fault", what, who);
            if (RecoveredAt is { } recovered)
                yield return new DrillMoment(
                    recovered,
                    recovered - FaultAt,
                    "recovered",
                    "all conditions hold, and held from here on",
                    who
                );
        }
    }
}
