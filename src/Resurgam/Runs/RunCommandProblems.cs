using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Runs;

internal static class RunCommandProblems
{
    public static ResurgamException NoRunbook(Plan plan, string wanted)
    {
        var names = plan.Runbooks.Select(runbook => runbook.Id.Value).ToList();
        return Of(
            "runbook-absent",
            $"plan '{plan.Name}' has no runbook '{wanted}'",
            Nearest.Of(wanted, names) is { } near ? $"Did you mean '{near}'?"
                : names.Count == 0 ? "Add it below the plan's key 'runbooks': docs/reference-plan.md shows how."
                : $"The plan's runbooks: {string.Join(", ", names)}."
        );
    }

    public static ResurgamException Ambiguous(string wanted, IEnumerable<RunId> runs) =>
        Of("run-absent", $"more than one run begins with '{wanted}'", $"Write more of it: {string.Join(", ", runs)}.");

    public static ResurgamException PlainRepository() =>
        Of(
            "run-no-ledger",
            "this is a plain restic repository: it has no ledger, and a run needs one",
            "Create a vault with 'resurgam vault create' and name it in the plan."
        );

    public static ResurgamException NoDrillPlace(RunbookStep step, string what) =>
        Of(
            "drill-refused",
            $"the drill was not begun: step {step.Id} would act on {what}, and nothing takes its place in a drill",
            "Add 'drill:' to the target (or 'drill-to:' to the restore), or write 'drill: skip' for the step."
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
