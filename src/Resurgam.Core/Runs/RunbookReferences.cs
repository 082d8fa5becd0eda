using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Plans.Yaml;

namespace Resurgam.Core.Runs;

/// <summary>What the steps of runbooks and drills name must be in the plan.</summary>
internal sealed class RunbookReferences(Plan plan, PlanReport report)
{
    public static void Check(YamlNode root, Plan plan, PlanReport report)
    {
        RunbookReferences references = new(plan, report);
        foreach (var runbook in plan.Runbooks)
            references.CheckRunbook(runbook, root.Find(RunbookKeys.Runbooks.Name, runbook.Id.Value) ?? root);
        foreach (var drill in plan.Drills)
            references.CheckDrill(drill, root.Find(ScenarioSection.DrillKey.Name, drill.Name) ?? root);
    }

    private void CheckRunbook(Runbook runbook, YamlNode node)
    {
        var path = $"{RunbookKeys.Runbooks.Name}.{runbook.Id}";
        foreach (var condition in runbook.SteadyState)
            Check(condition, $"{path}.{RunbookKeys.SteadyState.Name}", node, RunbookKeys.SteadyState);
        foreach (var step in runbook.Steps.Where(step => step.Action.IsFault))
            report.Add(node.At, RunbookProblems.FaultInRunbook($"{path}.steps.{step.Id}.action", step.Action.Kind));
        foreach (var step in runbook.Steps)
            CheckStep(step, $"{path}.steps.{step.Id}", node.Find(RunbookKeys.Steps.Name, step.Id.Value) ?? node);
    }

    private void CheckDrill(Drill drill, YamlNode node)
    {
        var path = $"{ScenarioSection.DrillKey.Name}.{drill.Name}";
        foreach (var step in drill.Prepare)
            CheckStep(step, $"{path}.prepare.{step.Id}", node.Find(DrillKeys.Prepare.Name, step.Id.Value) ?? node);
        foreach (var step in drill.Inject)
            CheckStep(step, $"{path}.inject.{step.Id}", node.Find(DrillKeys.Inject.Name, step.Id.Value) ?? node);
        foreach (var condition in drill.Holds)
            Check(condition, $"{path}.{DrillKeys.Holds.Name}", node, DrillKeys.Holds);
        if (drill.NewestBefore is { } before)
            CheckAction(before, $"{path}.{DrillKeys.NewestBefore.Name}", node);
        if (drill.NewestAfter is { } after)
            CheckAction(after, $"{path}.{DrillKeys.NewestAfter.Name}", node);
    }

    private void CheckStep(RunbookStep step, string path, YamlNode node)
    {
        CheckAction(step.Action, $"{path}.with", node.Find(RunbookKeys.With.Name) ?? node);
        if (step.Undo is { } undo)
            CheckAction(undo, $"{path}.undo.with", node.Find(RunbookKeys.Undo.Name) ?? node);
        Check(step.Precondition, $"{path}.precondition", node, RunbookKeys.Precondition);
        Check(step.Postcondition, $"{path}.postcondition", node, RunbookKeys.Postcondition);
    }

    private void CheckAction(StepAction action, string path, YamlNode node)
    {
        CheckTarget(action.Target, action.TargetKinds, $"{path}.target", node);
        foreach (var condition in action.Conditions)
            Check(condition, $"{path}.{StepAction.Hold.ConditionsKey.Name}", node, RunbookKeys.With);
        if (action.Asset is { Length: > 0 } asset && plan.Assets.All(one => one.Id.Value != asset))
            report.Add(
                node.At,
                RunbookProblems.UnknownAsset($"{path}.asset", asset, [.. plan.Assets.Select(one => one.Id.Value)])
            );
        if (action is StepAction.VaultCopy copy && plan.Vault.Replicas.All(one => one.Name != copy.To))
            report.Add(
                node.At,
                RunbookProblems.UnknownReplica(
                    $"{path}.replica",
                    copy.To,
                    [.. plan.Vault.Replicas.Select(one => one.Name)]
                )
            );
        if (action is StepAction.RedisFlush flush && plan.Assets.Any(one => IsAnother(one, flush.Store)))
            report.Add(node.At, RunbookProblems.NoSessionStore($"{path}.asset", flush.Store));
    }

    /// <summary>It is there, and no store of sessions.</summary>
    private static bool IsAnother(Asset asset, string name) =>
        asset.Id.Value == name && asset is not Asset.Redis { StartEmpty: true };

    private void Check(Condition? condition, string path, YamlNode node, PlanKey key)
    {
        if (condition is not null)
            CheckTarget(
                condition.Target,
                [condition is Condition.Sql ? Target.Postgres.KindName : Target.Web.KindName],
                path,
                node.Find(key.Name) ?? node
            );
    }

    private void CheckTarget(TargetId? id, IReadOnlyList<string> kinds, string path, YamlNode node)
    {
        if (id is not { Value.Length: > 0 } named)
            return;
        if (plan.Targets.FirstOrDefault(target => target.Id == named) is not { } target)
            report.Add(
                node.At,
                RunbookProblems.UnknownTarget(path, named.Value, [.. plan.Targets.Select(one => one.Id.Value)])
            );
        else if (!kinds.Contains(target.Kind))
            report.Add(node.At, RunbookProblems.TargetKind(path, target, kinds));
    }
}
