using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Runs;

internal static class RunCommandProblems
{
    public static ResurgamException NoRunbook(Plan plan, string wanted)
    {
        List<string> names =
        [
            .. plan
                .Runbooks.Select(runbook => runbook.Id.Value)
                .Union(
                    plan.Scenarios.Where(scenario => scenario.Runbook is not null).Select(scenario => scenario.Name)
                ),
        ];
        return Of(
            "runbook-absent",
            $"plan '{plan.Name}' has no runbook and no scenario '{wanted}'",
            Nearest.Of(wanted, names) is { } near ? $"Did you mean '{near}'?"
                : names.Count == 0 ? "Add it below the plan's key 'runbooks': docs/reference-plan.md shows how."
                : $"The plan has: {string.Join(", ", names)}."
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

    public static ResurgamException NoRunbookOf(Scenario scenario) =>
        Of(
            "runbook-absent",
            $"scenario '{scenario.Name}' has no runbook in the plan{(scenario.Runbook is { } named ? $": there is no '{named}'" : "")}",
            "Write it below 'runbooks' and name it in 'runbook' of the scenario."
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
