using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Status;

/// <summary>What can be wrong with the vault itself; assets have theirs in <see cref="AssetFinding"/>.</summary>
internal static class StatusFindings
{
    public static AssetFinding NoLedger() =>
        new(
            "ledger-unseen",
            IsRisk: true,
            "the vault has no ledger that can be read, so neither failures nor verifications are known",
            "Run 'resurgam vault check'."
        );

    /// <param name="problem">What happened when it was asked.</param>
    /// <param name="answering">Names of other places of the vault that answer.</param>
    public static AssetFinding Unreachable(Problem problem, IReadOnlyList<string> answering) =>
        new(
            "vault-unreachable",
            IsRisk: true,
            $"the vault does not answer, so nothing is known of any asset: {problem.What} ({problem.Code})",
            answering.Count == 0
                ? problem.Hint
                : $"{answering[0]} answers: 'resurgam {(answering[0] == ReplicaPlace.Primary ? "" : $"--from {answering[0]} ")}status' tells what it has, and anything can be restored from there. docs/operations/replicas.md."
        );

    public static AssetFinding Damaged(Problem problem) =>
        new(
            "vault-flawed",
            IsRisk: true,
            $"{problem.What} ({problem.Code})",
            "Run 'resurgam vault check --read-data' and recover what it names from a replica."
        );

    public static AssetFinding Gone(string asset, AssetEvent.Backup backup) =>
        new(
            "snapshot-gone",
            IsRisk: true,
            $"the newest snapshot of {asset} that the ledger tells of, {backup.Snapshot.Short}, taken {backup.TakenAt:yyyy-MM-dd HH:mm:ss}Z, is not in the vault",
            "Run 'resurgam vault check': it names all that are gone. 'resurgam vault heal' brings back what another place has."
        );

    public static AssetFinding NotWhole(DutyState check, DateTimeOffset now) =>
        new(
            "check-failed",
            IsRisk: true,
            $"the check {Duration.Rough(now - check.Until)} ago found the vault not whole: {check.What}",
            "Run 'resurgam vault check' and recover what it names from a replica: docs/operations/replicas.md."
        );

    public static AssetFinding OfflineOverdue(DateTimeOffset? newest, DateTimeOffset now, TimeSpan within) =>
        new(
            "offline-overdue",
            IsRisk: false,
            newest is { } at
                ? $"the newest offline copy that is confirmed is {Duration.Rough(now - at)} old, and the plan wants one within {Duration.Rough(within)}"
                : $"no offline copy is confirmed anywhere, and the plan wants one within {Duration.Rough(within)}",
            "Write one by 'resurgam vault media write', bring it away, and confirm it by 'resurgam vault media confirmed'."
        );

    public static AssetFinding Pending(int count) =>
        new(
            "ledger-behind",
            IsRisk: false,
            $"{count} {(count == 1 ? "entry waits" : "entries wait")} on this machine to be written to the ledger",
            "The next backup or verification here writes them; when they stay, read the warning that it gives."
        );
}
