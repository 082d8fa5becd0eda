using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Drills;

public static class DrillProblems
{
    /// <summary>How each of them begins that refuses a drill.</summary>
    internal const string Begin = "the drill was not begun: ";

    public static ResurgamException Absent(Plan plan, string wanted)
    {
        var names = plan.Drills.Select(drill => drill.Name).ToList();
        return Of(
            "drill-absent",
            $"plan '{plan.Name}' has no drill '{wanted}'",
            Nearest.Of(wanted, names) is { } near ? $"Did you mean '{near}'?"
                : names.Count == 0 ? "Add it below the plan's key 'drills': docs/reference-plan.md shows how."
                : $"The plan's drills: {string.Join(", ", names)}."
        );
    }

    public static ResurgamException NotOnceDone(string drill) =>
        Of(
            "drill-absent",
            $"the ledger knows no drill {drill}",
            "'resurgam drills list' shows those of the plan, and when each was last done."
        );

    public static ResurgamException NoRunbook(Drill drill) =>
        Of(
            "runbook-absent",
            $"drill '{drill.Name}' rehearses scenario '{drill.Scenario}', which has no runbook in the plan",
            "Name a runbook in the scenario; 'resurgam plan check' has the place."
        );

    public static ResurgamException NoPlace(RunbookStep step, string what) =>
        Of(
            "drill-refused",
            $"{Begin}step {step.Id} would act on {what}, and nothing takes its place in a drill",
            "Add 'drill:' to the target (or 'drill-to:' to a restore, 'drill-from:' to a push), or write 'drill: skip' for the step."
        );

    public static ResurgamException NotIsolated(DrillPlace place, string real) =>
        Of(
            "drill-refused",
            $"{Begin}{place} is not isolated from {real}",
            "Give the drill a server, a repository, a unit or a folder of its own, which no asset, target or store of the plan uses or lies in."
        );

    public static ResurgamException NotOfDrill(RunbookStep step, string path) =>
        Of(
            "drill-refused",
            $"{Begin}step {step.Id} would delete {path}, which is in no place of the drill",
            "Only what lies in a 'drill-to' folder or in the 'data-directory' below 'drill' of a target is destroyed."
        );

    public static ResurgamException NameTaken(StepId step) =>
        Of(
            "drill-refused",
            $"{Begin}its runbook has a step '{step}', and so has the drill",
            "Give the step of the runbook another name."
        );

    public static ResurgamException NameTooLong(string step) =>
        Of(
            "drill-refused",
            $"{Begin}the name of its step '{step}' is too long",
            "Names below 'prepare' and 'inject' have at most 30 characters."
        );

    public static ResurgamException Open(DrillRecord record, string why) =>
        new(
            new Problem(
                "drill-open",
                Remedy.Retry,
                $"drill '{record.Drill}' (run {record.Run}) uses the same place and is not at its end: {why}",
                $"Look with 'resurgam runs show {record.Run}'; end it with 'resurgam runs abort {record.Run} --reason TEXT', or go on with 'resurgam runs resume'."
            )
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
