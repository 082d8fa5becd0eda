using Resurgam.Core.Problems;

namespace Resurgam.RecoverySets;

internal static class SetProblems
{
    public static ResurgamException Unknown(string set, IEnumerable<string> known) =>
        new(
            new Problem(
                "set-unknown",
                Remedy.Fix,
                $"the plan has no recovery set '{set}'",
                known.Any()
                    ? $"It has: {string.Join(", ", known)}."
                    : "Add it: recovery-sets: { platform: { assets: [db, sessions] } }"
            )
        );

    public static ResurgamException NoPoint(string set, string at) =>
        new(
            new Problem(
                "recovery-point-absent",
                Remedy.Fix,
                at == "latest"
                    ? $"the vault has no recovery point of {set}"
                    : $"the vault has no recovery point of {set} at or before {at}",
                $"'resurgam snapshots --set {set}' lists them; 'resurgam backup {set}' takes one."
            )
        );

    public static ResurgamException BadTime(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' is no recovery point of a set",
                "Write latest or a time (2026-11-23T14:05:00Z): the newest one at or before it is taken."
            )
        );

    public static ResurgamException BadPlace(string text, string set) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' says not where an asset of {set} shall be restored to",
                "Write ASSET=PLACE, for example --place db=/var/lib/postgresql/15/main or --place cluster=cluster:."
            )
        );

    public static ResurgamException BarrierFailed(string set, string what, bool isHold) =>
        new(
            new Problem(
                "set-barrier",
                Remedy.Fix,
                $"the barrier of {set} {(isHold ? "does not hold" : "was not released")}: {what}",
                isHold
                    ? "Nothing was recorded as a recovery point, and it was released. Run its program by hand and see what it lacks."
                    : "See at once whether the application writes again: run the 'release' program of the barrier by hand."
            )
        );

    public static ResurgamException BarrierTooLong(string set, TimeSpan limit) =>
        new(
            new Problem(
                "set-barrier",
                Remedy.Retry,
                $"the assets of {set} were not captured within the {Core.Values.Duration.Format(limit)} that its barrier may hold: it was released, and there is no recovery point",
                "Capture what is large or slow first by itself ('resurgam backup ASSET': the next snapshot is small), or raise 'limit'."
            )
        );

    public static ResurgamException OnlyForSets(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is for a restore of a recovery set",
                "Leave it out, or name a set of the plan: 'resurgam plan show' lists them."
            )
        );

    public static ResurgamException NotForSets(string option) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"{option} is not for a recovery set",
                "Leave it out, or restore that asset alone: 'resurgam snapshots --set SET' tells its snapshot."
            )
        );
}
