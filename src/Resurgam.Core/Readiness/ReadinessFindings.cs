using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Readiness;

/// <summary>What can be wrong between a plan and what is really there: docs/operations/readiness.md explains each.</summary>
public static class ReadinessFindings
{
    /// <summary>A source or a target cannot be reached as the plan says.</summary>
    public static AssetFinding Unreachable(Problem problem) =>
        Risk("source-unreachable", $"{problem.What} ({problem.Code})", problem.Hint);

    public static AssetFinding Slow(TimeSpan limit) =>
        Risk(
            "source-unreachable",
            $"it did not answer within {Duration.Format(limit)}",
            "See whether it is overloaded, or the way to it is blocked."
        );

    /// <summary>The address answers, and it is another one than the vault knows.</summary>
    public static AssetFinding OtherSource(string what, string found, string expected) =>
        Risk(
            "source-other",
            $"what answers there has the {what} {found}, and its newest snapshot is of {expected}",
            "Point the plan at the right one. When it was made anew on purpose, take a backup: 'resurgam backup ASSET'."
        );

    public static AssetFinding SlotMissing(string slot) =>
        Risk(
            "slot-missing",
            $"the server has no replication slot {slot}, so it may throw away WAL that the vault does not have",
            "See that 'resurgam serve' or 'resurgam wal stream' runs: it makes the slot."
        );

    /// <summary>Of a cluster, <paramref name="what"/> is <c>database</c> or <c>tablespace</c>.</summary>
    public static AssetFinding Uncovered(string what, IReadOnlyList<string> names) =>
        Notice(
            "uncovered",
            $"{what}{(names.Count == 1 ? "" : "s")} {string.Join(", ", names)} {(names.Count == 1 ? "is" : "are")} there, and the plan neither asks about nor names {(names.Count == 1 ? "it" : "them")}",
            what == "namespace"
                ? "Add a pattern below 'namespaces' of the asset, or an asset of its own."
                : "Add a question to the asset, so that a verification looks into it."
        );

    /// <summary>A tablespace that was made since the newest snapshot.</summary>
    public static AssetFinding NewTablespaces(IReadOnlyList<string> places) =>
        Notice(
            "tablespace-new",
            $"tablespaces at {string.Join(", ", places)} are newer than the newest snapshot: a restore of it needs no such place, one of the next will",
            "Make the same folders on the machine that is restored to."
        );

    public static AssetFinding NoFolder(string path) =>
        Risk("source-unreachable", $"there is no folder {path}", "Mount it, or mend the asset's 'path'.");

    /// <summary>A target of a runbook.</summary>
    public static AssetFinding TargetSilent(string what) =>
        Notice(
            "target-silent",
            what,
            "A step that acts on it would fail now. When only its runbook brings it to life, all is well."
        );

    public static AssetFinding NoSpace(string folder, long freeBytes, long neededBytes) =>
        Risk(
            "restore-space",
            $"a restore to {folder} needs {new ByteSize(neededBytes)}, and {new ByteSize(freeBytes)} are free there",
            "Make room, or name another folder in the runbook's step."
        );

    private static AssetFinding Risk(string code, string what, string hint) => new(code, IsRisk: true, what, hint);

    private static AssetFinding Notice(string code, string what, string hint) => new(code, IsRisk: false, what, hint);
}
