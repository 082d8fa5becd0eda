using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>Runbooks do things in an order in which nothing is lost, in the time that was promised.</summary>
internal static class RunbookRules
{
    public static IEnumerable<Finding> Check(Plan plan) =>
        [
            .. plan.Scenarios.SelectMany(scenario => OfScenario(plan, scenario)),
            .. plan
                .Runbooks.Where(runbook =>
                    plan.Scenarios.Count > 0 && plan.Scenarios.All(scenario => scenario.Runbook != runbook.Id.Value)
                )
                .Select(Unused),
            .. plan.Runbooks.SelectMany(runbook => runbook.Steps.SelectMany(step => OfStep(plan, runbook, step))),
        ];

    private static IEnumerable<Finding> OfScenario(Plan plan, Scenario scenario)
    {
        if (scenario.Runbook is not { } name)
            yield break;
        var path = $"scenarios.{scenario.Name}";
        if (plan.Runbooks.FirstOrDefault(each => each.Id.Value == name) is not { } runbook)
        {
            yield return Found.Error(
                "runbook-unknown",
                $"{path}.runbook",
                $"scenario '{scenario.Name}' names runbook '{name}', and the plan has no such runbook",
                plan.Runbooks.Count == 0
                    ? "Write it below 'runbooks'."
                    : $"Known: {string.Join(", ", plan.Runbooks.Select(each => each.Id.Value))}."
            );
            yield break;
        }
        var forecast = RunForecast.Of(runbook);
        if (forecast.Predicted > scenario.Objectives.Rto)
            yield return Found.Error(
                "objective-exceeded",
                $"{path}.rto",
                $"runbook '{name}' takes {Duration.Format(forecast.Predicted)} by its own estimates, and scenario '{scenario.Name}' may last {Duration.Format(scenario.Objectives.Rto.Value)}",
                $"Shorten the longest way ({string.Join(" → ", forecast.CriticalPath)}), let steps run at the same time, or promise more time."
            );
    }

    private static Finding Unused(Runbook runbook) =>
        Found.Warning(
            "runbook-without-scenario",
            $"runbooks.{runbook.Id}",
            $"no scenario uses runbook '{runbook.Id}'",
            "Name it in 'runbook' of a scenario: only then it has an objective and is drilled."
        );

    private static IEnumerable<Finding> OfStep(Plan plan, Runbook runbook, RunbookStep step)
    {
        var path = $"runbooks.{runbook.Id}.steps.{step.Id}";
        var name = $"step '{step.Id}' of runbook '{runbook.Id}'";
        List<RunbookStep> before = [.. Before(runbook, step)];
        if (step.Estimate is null)
            yield return Found.Warning(
                "step-without-estimate",
                path,
                $"{name} does not say how long it takes",
                "Add 'estimate': without it the predicted time is too short."
            );
        var isFinal = step.IsIrreversible || step.Action is StepAction.RedisFlush or StepAction.TofuApply;
        if (isFinal && step.Approval is null && before.All(each => each.Action is not StepAction.Approve))
            yield return Found.Error(
                "irreversible-without-approval",
                path,
                $"{name} cannot be undone, and nobody has to approve it",
                "Add 'approval: { by: [NAME], two-person: true }'."
            );
        if ((StepWords.Destroys(step.Action) || IsInPlace(plan, step.Action)) && !before.Any(StepWords.Proves))
            yield return Found.Error(
                "destruction-before-proof",
                path,
                $"{name} destroys what is there before its replacement is proven: {StepWords.Short(step.Action)}",
                "Restore beside, prove the copy ('vault-verify', or a step with a 'sql' postcondition), and let this step need that one; keep the old one until somebody signs."
            );
        if (StepWords.MovesTraffic(step.Action) && !before.Any(StepWords.Proves) && !before.Any(StepWords.Asks))
            yield return Found.Error(
                "traffic-before-data",
                path,
                $"{name} moves traffic before anything was proven: {StepWords.Short(step.Action)}",
                "Fence, bring back the data, prove it, ask the services; traffic comes last."
            );
        foreach (var finding in OfAction(path, name, step, before))
            yield return finding;
    }

    private static IEnumerable<Finding> OfAction(
        string path,
        string name,
        RunbookStep step,
        IReadOnlyList<RunbookStep> before
    )
    {
        if (StepWords.IsShell(step.Action))
            yield return Found.Error(
                "step-through-shell",
                path,
                $"{name} runs a shell line",
                "Name the program and its arguments: in a shell line a failure in the middle is not seen, and values become code."
            );
        if (StepWords.ShowsSecret(step.Action))
            yield return Found.Error(
                "secret-in-step",
                path,
                $"{name} has a password in its text",
                "Let the program read it from a file or a secret store: here it ends in the process list, the ledger and the history."
            );
        if (StepWords.ActsOnAll(step.Action))
            yield return Found.Error(
                "step-on-everything",
                path,
                $"{name} acts on everything at once: {StepWords.Short(step.Action)}",
                "Name what is affected, one after the other, in the order of needs; what was there before is recorded, and put back."
            );
        if (StepWords.ApprovesItself(step.Action))
            yield return Found.Error(
                "step-approves-itself",
                path,
                $"{name} answers its own question: {StepWords.Short(step.Action)}",
                "Carry out a plan that was saved and read before, and let a person approve the step."
            );
        if (StepWords.Restarts(step.Action) && !before.Any(StepWords.KeepsEvidence))
            yield return Found.Warning(
                "change-before-evidence",
                path,
                $"{name} ends what could tell the cause: {StepWords.Short(step.Action)}",
                "Let it need a step that keeps logs, events and the state of the server ('postgres-diagnose', or a program of yours)."
            );
        if (
            step is
            {
                Postcondition: null,
                Action: StepAction.Command { Probe: null, MayRepeat: false } or StepAction.Sql { MayRepeat: false }
            }
        )
            yield return Found.Warning(
                "step-without-proof",
                path,
                $"{name} is done when its program says so, and after a crash nobody knows whether it was",
                "Add a 'postcondition' or a 'probe', or say 'idempotent: true' when it may be repeated."
            );
    }

    /// <summary>What the folder of a cluster holds is replaced, and may have been the last that can be salvaged.</summary>
    private static bool IsInPlace(Plan plan, StepAction action) =>
        action is StepAction.VaultRestore { IsDelta: true } restore
        && (
            plan.Assets.OfType<Asset.Postgres>().Any(asset => asset.DataDirectory == restore.To)
            || plan.Targets.OfType<Target.Postgres>().Any(target => target.DataDirectory == restore.To)
        );

    /// <summary>All steps that are settled before this one starts.</summary>
    private static IEnumerable<RunbookStep> Before(Runbook runbook, RunbookStep step)
    {
        HashSet<StepId> seen = [];
        Stack<StepId> open = new(step.Needs);
        while (open.TryPop(out var id))
            if (seen.Add(id) && runbook.FindStep(id) is { } found)
            {
                yield return found;
                foreach (var need in found.Needs)
                    open.Push(need);
            }
    }
}
