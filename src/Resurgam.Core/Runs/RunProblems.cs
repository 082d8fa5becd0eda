using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Runs;

public static class RunProblems
{
    public static ResurgamException Absent(RunId run) =>
        Of("run-absent", $"the vault has no run {run}", "'resurgam runs list' shows the runs.");

    public static ResurgamException Exists(RunId run) =>
        Of("run-exists", $"there is a run {run} already", "Start it again: another name is chosen.");

    public static ResurgamException Unreadable(RunId run) =>
        Of(
            "run-unreadable",
            $"run {run} was begun by a newer program, or with a runbook that this one does not know",
            "Use the version of resurgam that 'resurgam ledger show' names for its first entry, or a newer one."
        );

    /// <param name="witness">The file that knows what was seen.</param>
    public static ResurgamException Cut(RunId run, LedgerHead seen, string witness) =>
        Of(
            "run-cut",
            $"run {run} lacks entries that this machine saw: entry {seen.Seq} is gone, or is another one",
            $"Nothing was done: an abort may be among them. Look for them in a replica (--from NAME). If they are lost for good, or 'ledger settle' put others in their place, say so: sed -i '/^run.{run} /d' {witness}"
        );

    public static ResurgamException Led(RunId run, RunState state) =>
        Of(
            "run-led",
            $"run {run} is worked on by {state.LeaderPlace}, last heard of at {state.LeaderSeenAt:HH:mm:ss} UTC",
            $"Follow it with 'resurgam runs watch {run}'. If that process is dead for certain, take over with --take-over; by itself it is given up {RunLead.Lease.TotalSeconds:0} s after its last word."
        );

    public static ResurgamException Refused(RunId run, string because) =>
        Of(
            "run-word",
            $"nothing was written to run {run}: {because}",
            $"'resurgam runs show {run}' shows how it stands."
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, code == "run-led" ? Remedy.Retry : Remedy.Fix, what, hint));
}
