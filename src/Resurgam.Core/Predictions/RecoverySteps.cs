using Resurgam.Core.Vaults;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Predictions;

/// <summary>What a recovery is made of, and what verifications and restores have measured of it.</summary>
public static class RecoverySteps
{
    public const string Restore = "restore";

    /// <summary>Begins the names of the steps that bring a server up, with the replay of its log or the load of its data.</summary>
    private const string Start = "start";

    /// <summary>The steps that an asset is down for; a verification takes others as well, which come after it is up again.</summary>
    public static bool IsOnPath(string step) => step == Restore || step.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>It wrote most of what it restored: one that found most of it in place says nothing of an empty machine.</summary>
    public static bool IsWhole(AssetEvent each) =>
        each switch
        {
            AssetEvent.Verification { Passed: true, Bytes: var bytes } => IsWhole(bytes),
            AssetEvent.Restore { Bytes: var bytes } => IsWhole(bytes),
            _ => false,
        };

    /// <summary>What was measured, by step, in the order in which a recovery takes them.</summary>
    public static IReadOnlyList<LearnedStep> Learn(AssetHistory history) =>
        [
            .. Measure(history)
                .GroupBy(measure => measure.Step)
                .OrderBy(step => step.Key != Restore)
                .Select(step => LearnedStep.Of(step.Key, [.. step])),
        ];

    private static IEnumerable<StepMeasure> Measure(AssetHistory history)
    {
        foreach (var each in history.Events)
        {
            var (steps, bytes, snapshot) = each switch
            {
                AssetEvent.Verification { Passed: true } v => (v.Steps, v.Bytes, v.Snapshot),
                AssetEvent.Restore r => (r.Steps, r.Bytes, r.Snapshot),
                _ => ([], default, default(BlobId)),
            };
            foreach (var step in steps)
                if (IsOnPath(step.Name) && (step.Name != Restore || IsWhole(bytes)))
                    yield return new StepMeasure(
                        step.Name,
                        step.Duration,
                        bytes.Total ?? history.FindBackup(snapshot)?.SizeBytes,
                        bytes.Wal
                    );
        }
    }

    private static bool IsWhole(RestoredBytes bytes) =>
        bytes is { Total: { } total, Written: { } written } && written >= total / 2;
}

internal sealed record StepMeasure(string Step, TimeSpan Duration, long? SnapshotBytes, long? WalBytes);

/// <summary>What is known of one step of an asset's recovery.</summary>
public sealed class LearnedStep
{
    private readonly DurationSample[] _samples;
    private readonly bool _growsWithWal;

    private LearnedStep(string name, bool growsWithWal, DurationSample[] samples) =>
        (Name, _growsWithWal, _samples) = (name, growsWithWal, samples);

    public string Name { get; }

    /// <summary>A start that replays WAL grows with the WAL, everything else with the snapshot.</summary>
    internal static LearnedStep Of(string name, IReadOnlyList<StepMeasure> measures)
    {
        var counted = measures.Where(measure => measure.WalBytes is not null).ToList();
        return name == RecoverySteps.Restore || counted.Count == 0
            ? new LearnedStep(
                name,
                growsWithWal: false,
                [.. measures.Select(measure => new DurationSample(measure.SnapshotBytes, measure.Duration))]
            )
            // A start whose WAL nobody counted tells nothing beside those that were counted.
            : new LearnedStep(
                name,
                growsWithWal: true,
                [.. counted.Select(measure => new DurationSample(WalSize(measure.WalBytes), measure.Duration))]
            );
    }

    /// <returns>Null without a measurement.</returns>
    public Estimate? Predict(long? snapshotBytes, long? walBytes) =>
        DurationModel.Predict(_samples, _growsWithWal ? WalSize(walBytes) : snapshotBytes);

    /// <summary>A start takes its time also when there is nothing to replay: as much as for a segment, say.</summary>
    private static double? WalSize(long? walBytes) => walBytes + WalSegment.DefaultSizeBytes;
}
