using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Wal;

/// <summary>Everything that can be wrong with WAL in a store.</summary>
public static class WalProblems
{
    public const string GapCode = "wal-gap";
    public const string DamagedCode = "wal-damaged";

    public static ResurgamException BadHistory(uint timeline, string line) =>
        new(
            new Problem(
                "wal-bad-history",
                Remedy.Report,
                What: $"the history of timeline {timeline} has a line that cannot be: '{line}'",
                Hint: "Compare it with pg_wal/*.history on the server; a history file is never edited by hand."
            )
        );

    public static ResurgamException Damaged(string name, string how) =>
        new(
            new Problem(
                DamagedCode,
                Remedy.Fix,
                What: $"the WAL object {name} cannot be used: {how}",
                Hint: "Run 'resurgam vault heal' when the plan has a replica, or read from it with --from NAME; else recover to a point before it with restore --at."
            )
        );

    public static ResurgamException Unsupported(string name, int version) =>
        new(
            new Problem(
                "wal-unsupported",
                Remedy.Fix,
                What: $"the WAL object {name} has format version {version}, and this program knows version 1",
                Hint: "Use the version of resurgam that wrote it, or a later one."
            )
        );

    public static ResurgamException ForeignSystem(string where, ulong expected, ulong found) =>
        new(
            new Problem(
                "wal-foreign-system",
                Remedy.Fix,
                What: $"{where} belongs to the cluster with system identifier {found}, not to {expected}",
                Hint: "Check the asset's connection and its name: one asset is one cluster. "
                    + "A new cluster under an old name needs a new asset name."
            )
        );

    public static ResurgamException Conflict(string name) =>
        new(
            new Problem(
                "wal-conflict",
                Remedy.Fix,
                What: $"the store already has {name} with other content",
                Hint: "Two servers write the same timeline: find the one that should not run, and stop it. "
                    + "Nothing was overwritten."
            )
        );

    public static ResurgamException Gap(string asset, WalRange missing) =>
        new(
            new Problem(
                GapCode,
                Remedy.Fix,
                What: $"WAL of {asset} is missing: {missing}",
                Hint: $"Recovery cannot cross the gap. Recover to a point before {missing.Start} (restore --at), "
                    + "or from a base backup that began after it: resurgam snapshots."
            )
        );

    /// <param name="behind">Ids of the snapshots that begin behind what is missing, newest last.</param>
    public static ResurgamException TargetBehind(
        string asset,
        string target,
        MissingWal missing,
        IReadOnlyList<string> behind,
        Exception cause
    ) =>
        new(
            new Problem(
                missing.Problem.Code,
                Remedy.Fix,
                What: $"{missing.Problem.What}; {target} was not reached before it",
                Hint: (
                    missing.Problem.Code == DamagedCode
                        ? "Run 'resurgam vault heal' when the plan has a replica, or read from it with --from NAME. Else recovery cannot cross the damage"
                        : "Recovery cannot cross the gap"
                )
                    + $". Restore with --at and a point before {missing.Range.Start}"
                    + (
                        missing.LastCommitAt is { } at
                            ? string.Create(
                                CultureInfo.InvariantCulture,
                                $", or a time before {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}"
                            )
                            : ""
                    )
                    + ", or from a snapshot "
                    + (
                        behind.Count == 0
                            ? $"behind it: there is none yet, 'resurgam backup {asset}' makes one."
                            : $"behind it: {string.Join(", ", behind)}."
                    )
            ),
            cause
        );

    public static ResurgamException Vanished(string name) =>
        new(
            new Problem(
                "wal-unsettled",
                Remedy.Retry,
                What: $"the objects around {name} kept changing while they were read",
                Hint: "Another process merges them right now: run the same command again."
            )
        );

    public static ResurgamException NoPlace(string asset) =>
        new(
            new Problem(
                "wal-no-place",
                Remedy.Report,
                What: $"there is no generation to write the WAL of {asset} to",
                Hint: "Create the vault first: resurgam vault create."
            )
        );
}
