using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;

namespace Resurgam.Core.Predictions;

/// <summary>Why an asset is less safe than it should be: docs/operations/status.md explains each.</summary>
/// <param name="Code">Stable name: <c>never-verified</c>.</param>
/// <param name="IsRisk">True: it may not come back as it should. False: worth knowing.</param>
/// <param name="What">What is wrong, with the values, lower case and without a full stop.</param>
/// <param name="Hint">The next thing to do, as a sentence with a command in it.</param>
public sealed record AssetFinding(string Code, bool IsRisk, string What, string Hint)
{
    /// <summary>A verification that is older proves little of today's copies.</summary>
    public static readonly TimeSpan VerificationAge = TimeSpan.FromDays(8);

    private static readonly TimeSpan LeastPatience = TimeSpan.FromHours(1);

    /// <summary>So much the clocks of machines that are looked after may differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    internal static IReadOnlyList<AssetFinding> Of(AssetPrediction prediction) =>
        [
            .. OfBackups(prediction),
            .. OfVerifications(prediction),
            .. OfWal(prediction),
            .. OfRevocation(prediction),
            .. OfObjectives(prediction),
            .. OfSight(prediction),
        ];

    private static IEnumerable<AssetFinding> OfBackups(AssetPrediction prediction)
    {
        var (facts, asset) = (prediction.Facts, prediction.Facts.Asset);
        if (facts.History.FindLast(EntryKind.Backup) is AssetEvent.Failure failure)
            yield return Risk(
                "backup-failed",
                $"the last backup failed {Ago(prediction.At - failure.At)}: {failure.What} ({failure.Code})",
                $"Read docs/errors for {failure.Code}, then run 'resurgam backup {asset}'."
            );
        if (facts.Snapshots.Count == 0)
            yield return Risk("no-snapshot", "the vault holds no snapshot of it", $"Run 'resurgam backup {asset}'.");
        else if (LateBy(prediction) is { } late)
            yield return Risk(
                "backup-late",
                $"its schedule wanted a backup {Ago(late)}, and there is none",
                $"See that 'resurgam serve' runs and what it logs, or run 'resurgam backup {asset}'."
            );
        else if (facts.History.LastBackup is { FindingCount: > 0 } backup && backup.Snapshot == facts.Snapshots[^1].Id)
            yield return Risk(
                "backup-flawed",
                $"the newest snapshot has {backup.FindingCount} {(backup.FindingCount == 1 ? "finding" : "findings")}: {string.Join("; ", backup.Findings)}{(backup.FindingCount > backup.Findings.Count ? "; …" : "")}",
                $"Run 'resurgam ledger show --stream asset.{asset}' for all of it, mend the source or the plan, and take another."
            );
    }

    /// <returns>Null while it is not due, or has time left: an hour, and twice what the last one took.</returns>
    private static TimeSpan? LateBy(AssetPrediction prediction)
    {
        var facts = prediction.Facts;
        if (facts.BackupDueAt is not { } due || facts.Snapshots is not [.., var newest] || newest.TakenAt >= due)
            return null;
        var patience = LeastPatience + (2 * (facts.History.LastBackup?.Duration ?? TimeSpan.Zero));
        return prediction.At - due > patience ? prediction.At - due : null;
    }

    private static IEnumerable<AssetFinding> OfVerifications(AssetPrediction prediction)
    {
        var (facts, asset) = (prediction.Facts, prediction.Facts.Asset);
        var last = facts.History.FindLast(EntryKind.Verification);
        var isBad = last is AssetEvent.Verification { Passed: false } or AssetEvent.Failure;
        if (last is AssetEvent.Verification { Passed: false } bad)
            yield return Risk(
                "verification-failed",
                $"snapshot {bad.Snapshot.Short} did not pass its verification {Ago(prediction.At - bad.At)}",
                $"Run 'resurgam verify {asset} --snapshot {bad.Snapshot.Short}' and read its failed checks."
            );
        if (last is AssetEvent.Failure failure)
            yield return Risk(
                "verification-failed",
                $"the last verification broke off {Ago(prediction.At - failure.At)}: {failure.What} ({failure.Code})",
                $"Read docs/errors for {failure.Code}, then run 'resurgam verify {asset}'."
            );
        if (last is AssetEvent.Verification { Passed: true, Unproven: { } unproven })
            yield return Notice(
                "verification-partial",
                $"its last verification did not prove all: {unproven}",
                $"Run 'resurgam verify {asset}' on a machine that has what it lacked."
            );
        if (facts.Snapshots.Count == 0)
            yield break;
        if (prediction.VerifiedAt is not { } verifiedAt)
        {
            if (!isBad)
                yield return Risk(
                    "never-verified",
                    "none of its snapshots was ever restored and questioned",
                    $"Run 'resurgam verify {asset}'."
                );
        }
        else if (prediction.At - verifiedAt > VerificationAge)
            yield return Risk(
                "verification-stale",
                $"the last good verification was {Ago(prediction.At - verifiedAt)}",
                $"Run 'resurgam verify {asset}'."
            );
    }

    private static IEnumerable<AssetFinding> OfWal(AssetPrediction prediction)
    {
        if (prediction is { Facts.HasWalElsewhere: true, Loss: { } age })
            yield return Notice(
                "wal-elsewhere",
                $"WAL on managed databases is their provider's: from here it comes back as of its newest snapshot, and {Text(age)} would be lost; {RpoText(prediction.Facts)}",
                $"Back up as often as you may lose: a schedule, or 'resurgam backup {prediction.Facts.Asset}'. The provider's own recovery may lose less, as long as the provider is there."
            );
        if (prediction.Facts.Wal is not { } wal)
            yield break;
        if (wal.Stream is { IsRunning: false } stopped)
            yield return Risk(
                "wal-stopped",
                stopped.Problem is null
                    ? "its stream does not run on this machine, where it ran before"
                    : $"its stream brings nothing: {stopped.Problem}",
                stopped.Hint ?? $"Start 'resurgam serve', or 'resurgam wal stream {prediction.Facts.Asset}'."
            );
        else if (wal.Stream is { Problem: { } problem })
            yield return Risk(
                "wal-stopped",
                $"its stream is in trouble: {problem}",
                $"See 'resurgam wal status {prediction.Facts.Asset}'."
            );
        if (wal.Reach is { Gap: { } gap })
            yield return Risk(
                "wal-gap",
                $"behind the newest snapshot a part of its stream is missing in the store, {gap}: what follows it is lost for a recovery",
                $"Run 'resurgam backup {prediction.Facts.Asset}' now: a new snapshot begins behind the gap."
            );
    }

    /// <summary>A backup holds the moment of its beginning, and counts when it has ended.</summary>
    private static string RpoText(AssetFacts facts) =>
        facts.BackupEvery is { } every
            ? $"its schedule, a backup at least every {Duration.Format(every)}, makes the RPO {Text(every + (facts.History.LastBackup?.Duration ?? TimeSpan.Zero))}"
            : "no schedule backs it up, so that it has no RPO";

    /// <summary>As a restore decides it: by the moment that would come back.</summary>
    private static IEnumerable<AssetFinding> OfRevocation(AssetPrediction prediction)
    {
        var (facts, asset) = (prediction.Facts, prediction.Facts.Asset);
        if (facts.History.Revoked is not { } revoked || facts.Snapshots.Count == 0)
            yield break;
        var said = $"everything in it before {revoked.Before:yyyy-MM-dd HH:mm:ss}Z was revoked ({revoked.Reason})";
        var refused = facts.Snapshots.Count(each => each.TakenAt < revoked.Before);
        var newest = prediction.Loss is { } loss ? prediction.At - loss : facts.Snapshots[^1].TakenAt;
        if (facts.StartsEmpty)
            yield return Notice(
                "sessions-revoked",
                $"{said}: a restore of it gives an empty server anyway, as the plan says",
                "Nothing is to be done. A snapshot named by its id is refused unless it is newer."
            );
        else if (newest < revoked.Before)
            yield return Risk(
                "sessions-revoked",
                $"{said}, and nothing newer is in the vault: a restore refuses all of its {refused} snapshots",
                $"When the server holds no revoked session any more, run 'resurgam backup {asset}'; or write 'start-empty: true' into the plan."
            );
        else
            yield return Notice(
                "sessions-revoked",
                $"{said}: a restore refuses every point before, and with it {refused} of its {facts.Snapshots.Count} snapshots",
                "Nothing is to be done: the newest point is later, and is restored. See that the server itself holds no revoked session."
            );
    }

    private static IEnumerable<AssetFinding> OfObjectives(AssetPrediction prediction)
    {
        var (facts, asset) = (prediction.Facts, prediction.Facts.Asset);
        if (facts.LossObjective is { } most && (prediction.Loss is not { } loss || loss > most))
            yield return Risk(
                "loss-over-objective",
                prediction.Loss is { } lost
                    ? $"{Text(lost)} would be lost, and the plan allows {Text(most)}"
                    : $"everything would be lost, and the plan allows {Text(most)}",
                $"Run 'resurgam backup {asset}'; when it stays so, back up more often or follow its WAL."
            );
        if (facts.RecoveryObjective is not { } limit || prediction.Recovery is not { } recovery)
            yield break;
        if (recovery.Likely > limit)
            yield return Risk(
                "recovery-over-objective",
                $"its recovery would take {Text(recovery.Likely)}, and the plan allows {Text(limit)}",
                $"The longest step is '{Longest(prediction)}'; see 'resurgam status {asset}' for the critical path."
            );
        else if (recovery.Most > limit)
            yield return Notice(
                "recovery-near-objective",
                $"its recovery may take {Text(recovery.Most)}, and the plan allows {Text(limit)}",
                $"The longest step is '{Longest(prediction)}'; more verifications make the interval narrower."
            );
    }

    private static IEnumerable<AssetFinding> OfSight(AssetPrediction prediction)
    {
        foreach (var unseen in prediction.Facts.Unseen)
            yield return Risk("unseen", $"not everything could be seen: {unseen}", "Run 'resurgam vault check'.");
        if (prediction.Facts.Snapshots is [.., { TakenAt: var newest }] && newest - prediction.At > ClockSkew)
            yield return Risk(
                "clock-behind",
                $"its newest snapshot was taken {Text(newest - prediction.At)} after now: a clock was set back or is wrong, and what would be lost cannot be told",
                "Set the clocks of this machine and of those that take its backups ('timedatectl' shows whether they follow others)."
            );
        if (prediction is { Newest: not null, Recovery: null })
            yield return Notice(
                "unmeasured",
                "no whole restore of it was measured yet, so its recovery time is not known",
                $"Run 'resurgam verify {prediction.Facts.Asset}', or restore it to an empty folder."
            );
    }

    private static string Longest(AssetPrediction prediction) =>
        prediction.Steps.MaxBy(step => step.Time.Likely)?.Step ?? RecoverySteps.Restore;

    private static AssetFinding Risk(string code, string what, string hint) => new(code, IsRisk: true, what, hint);

    private static AssetFinding Notice(string code, string what, string hint) => new(code, IsRisk: false, what, hint);

    private static string Ago(TimeSpan span) => $"{Text(span)} ago";

    private static string Text(TimeSpan span) => Duration.Rough(span);
}
