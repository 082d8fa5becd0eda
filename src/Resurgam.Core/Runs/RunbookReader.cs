using System.Text.Json;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>From a plan's text to runbooks, and back from what a run has embedded.</summary>
public static class RunbookReader
{
    internal static PlanType<PlanMapping?> ApprovalType { get; } =
        new("group", null, value => new PlanMapping(value, RunbookKeys.ApprovalSection));

    internal static PlanType<PlanMapping?> SqlType { get; } =
        new("group", null, value => new PlanMapping(value, RunbookKeys.SqlSection));

    internal static PlanType<PlanMapping?> HttpType { get; } =
        new("group", null, value => new PlanMapping(value, RunbookKeys.HttpSection));

    internal static PlanType<PlanMapping?> CommandType { get; } =
        new("group", null, value => new PlanMapping(value, RunbookKeys.CommandSection));

    /// <summary>Reads what <see cref="Runbook.Text"/> and <see cref="RunbookText.OfTargets"/> were, on any machine.</summary>
    /// <returns>Null when it is none that this program reads: a newer one wrote it, or nobody of us.</returns>
    public static (Runbook Runbook, ValueList<Target> Targets)? TryRead(
        RunbookId id,
        JsonElement runbook,
        JsonElement targets
    )
    {
        PlanReport report = new("run");
        PlanValue runbooks = new(
            new YamlNode.Mapping([new(Scalar(id.Value), RunbookText.ToYaml(runbook))], default),
            RunbookKeys.Runbooks.Name,
            "",
            report
        );
        PlanValue bound = new(RunbookText.ToYaml(targets), TargetKeys.Targets.Name, "", report);
        var read = RunbookKeys.Runbooks.Read(runbooks);
        var known = TargetKeys.Targets.Read(bound);
        return report.IsClean && read is [var one] ? (one, known) : null;

        static YamlNode.Scalar Scalar(string text) => new(text, IsPlain: false, default);
    }

    /// <summary>Reads what <see cref="RunbookText.OfAssets"/> was, on any machine.</summary>
    /// <returns>Null as for <see cref="TryRead"/>.</returns>
    internal static ValueList<Asset>? TryReadAssets(JsonElement assets)
    {
        PlanReport report = new("run");
        var read = PlanKeys.Assets.Read(new PlanValue(RunbookText.ToYaml(assets), PlanKeys.Assets.Name, "", report));
        return report.IsClean ? read : null;
    }

    internal static ValueList<Runbook> ReadAll(PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a group of runbooks", value.Node.Shape, value.Example));
            return [];
        }
        List<Runbook> runbooks = [];
        foreach (var entry in PlanMapping.Once(mapping, value))
            if (AssetId.TryParse(entry.Key.Text, out _))
                runbooks.Add(ReadRunbook(entry.Key.Text, value.Child(entry.Value, entry.Key.Text)));
            else
                value.Report.Add(entry.Key.At, RunbookProblems.Name(value.Path, entry.Key.Text));
        return [.. runbooks];
    }

    private static Runbook ReadRunbook(string name, PlanValue value)
    {
        PlanMapping keys = new(value, RunbookKeys.RunbookSection);
        var steps = keys.Get(RunbookKeys.Steps);
        return new Runbook
        {
            Id = new RunbookId(name),
            Title = keys.Get(RunbookKeys.Title) ?? name,
            Steps = steps,
            SteadyState = keys.Get(RunbookKeys.SteadyState),
            Text = RunbookText.OfRunbook(value.Node),
        };
    }

    internal static ValueList<RunbookStep> ReadSteps(PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a group of steps", value.Node.Shape, value.Example));
            return [];
        }
        if (mapping.Entries.Count == 0)
            value.Refuse(RunbookProblems.NoSteps(value.Path));
        List<RunbookStep> steps = [];
        foreach (var entry in PlanMapping.Once(mapping, value))
            if (!AssetId.TryParse(entry.Key.Text, out _))
                value.Report.Add(entry.Key.At, RunbookProblems.Name(value.Path, entry.Key.Text));
            else if (ReadStep(entry.Key.Text, value.Child(entry.Value, entry.Key.Text)) is { } step)
                steps.Add(step);
        CheckNeeds(steps, mapping, value);
        return [.. steps];
    }

    private static RunbookStep? ReadStep(string name, PlanValue value)
    {
        PlanMapping keys = new(value, RunbookKeys.StepSection);
        if (ReadAction(keys, value) is not { } action)
            return null;
        var undo = keys.Get(RunbookKeys.Undo);
        var isIrreversible = keys.Get(RunbookKeys.Irreversible);
        var approval = keys.Get(RunbookKeys.Approval);
        if (undo is not null && isIrreversible)
            value.Report.Add(keys.MarkOf(RunbookKeys.Irreversible), RunbookProblems.UndoOfIrreversible(value.Path));
        if (action is StepAction.Approve && !keys.Has(RunbookKeys.Approval))
            value.Refuse(RunbookProblems.NoApproval(value.Path));
        return new RunbookStep
        {
            Id = new StepId(name),
            Title = keys.Get(RunbookKeys.Title) ?? name,
            Action = action,
            Needs = keys.Get(RunbookKeys.Needs),
            Precondition = keys.Get(RunbookKeys.Precondition),
            Postcondition = keys.Get(RunbookKeys.Postcondition),
            Undo = undo,
            IsIrreversible = isIrreversible,
            Timeout = keys.Get(RunbookKeys.Timeout),
            Estimate = keys.Get(RunbookKeys.Estimate),
            Risk = keys.Get(RunbookKeys.Risk),
            Approval = approval is null ? null : ReadApproval(approval),
            Drill = keys.Get(RunbookKeys.Drill),
            IsCritical = keys.Get(RunbookKeys.Critical),
        };
    }

    private static ApprovalRule ReadApproval(PlanMapping keys) =>
        new() { By = keys.Get(RunbookKeys.ApprovalBy), IsTwoPerson = keys.Get(RunbookKeys.TwoPerson) };

    internal static StepAction? ReadUndo(PlanValue value)
    {
        var action = ReadAction(new PlanMapping(value, RunbookKeys.UndoSection), value);
        if (action is { IsForPeople: true } or StepAction.Approve)
            value.Refuse(RunbookProblems.PersonsUndo(value.Path, action.Kind));
        return action;
    }

    private static StepAction? ReadAction(PlanMapping keys, PlanValue value)
    {
        var kind = keys.Get(RunbookKeys.Action);
        if (kind.Length == 0)
            return null;
        if (ActionForms.Find(kind) is { } form)
        {
            var with = value.Node.Find(RunbookKeys.With.Name);
            return form.Read(
                with is null
                    ? PlanMapping.None(value with { Path = $"{value.Path}.with" }, form.Section)
                    : new PlanMapping(value.Child(with, RunbookKeys.With.Name), form.Section)
            );
        }
        value.Report.Add(
            keys.MarkOf(RunbookKeys.Action),
            RunbookProblems.Action($"{value.Path}.action", kind, [.. ActionForms.All.Select(one => one.Name)])
        );
        return null;
    }

    internal static ValueList<Condition> ReadConditions(PlanValue value)
    {
        if (value.Node is YamlNode.Sequence sequence)
            return
            [
                .. sequence
                    .Items.Select((node, i) => ReadCondition(value with { Node = node, Path = $"{value.Path}[{i}]" }))
                    .OfType<Condition>(),
            ];
        value.Refuse(PlanProblems.Type(value.Path, "a list of conditions", value.Node.Shape, value.Example));
        return [];
    }

    internal static Condition? ReadCondition(PlanValue value)
    {
        PlanMapping keys = new(value, RunbookKeys.ConditionSection);
        var given = RunbookKeys.ConditionSection.Keys.Count(keys.Has);
        if (value.Node is YamlNode.Mapping && given != 1)
            value.Refuse(RunbookProblems.ConditionChoice(value.Path, given));
        if (keys.Get(RunbookKeys.SqlCondition) is { } sql)
            return new Condition.Sql
            {
                On = new TargetId(sql.Get(ActionForms.Target)),
                Query = sql.Get(RunbookKeys.Query),
                Expect = sql.Get(RunbookKeys.Expect),
            };
        if (keys.Get(RunbookKeys.HttpCondition) is { } http)
            return new Condition.Http
            {
                On = new TargetId(http.Get(ActionForms.Target)),
                Path = http.Get(ActionForms.Path),
                Status = http.Get(ActionForms.Status),
            };
        return keys.Get(RunbookKeys.CommandCondition) is { } command
            ? new Condition.Command { Argv = command.Get(RunbookKeys.Argv) }
            : null;
    }

    private static void CheckNeeds(List<RunbookStep> steps, YamlNode.Mapping mapping, PlanValue value)
    {
        List<string> names = [.. mapping.Entries.Select(entry => entry.Key.Text)];
        foreach (var step in steps)
        foreach (var need in step.Needs.Where(need => !names.Contains(need.Value)))
            value.Report.Add(
                mapping.Find(step.Id.Value, RunbookKeys.Needs.Name)?.At ?? mapping.At,
                RunbookProblems.UnknownNeed($"{value.Path}.{step.Id}.needs", need.Value, names)
            );
        if (FindCycle(steps) is { } cycle)
            value.Report.Add(
                mapping.Find(cycle[0].Value, RunbookKeys.Needs.Name)?.At ?? mapping.At,
                RunbookProblems.Cycle(value.Path, cycle)
            );
    }

    /// <summary>Takes away what needs nothing that is left, until nothing is left or all that is left waits for each other.</summary>
    private static List<StepId>? FindCycle(IReadOnlyList<RunbookStep> steps)
    {
        var left = steps.ToDictionary(step => step.Id);
        while (left.Values.Where(step => !step.Needs.Any(left.ContainsKey)).ToList() is { Count: > 0 } free)
            foreach (var step in free)
                left.Remove(step.Id);
        if (left.Count == 0)
            return null;
        List<StepId> way = [];
        for (var at = steps.First(step => left.ContainsKey(step.Id)); !way.Contains(at.Id); )
        {
            way.Add(at.Id);
            at = left[at.Needs.First(left.ContainsKey)];
            if (way.Contains(at.Id))
                return [.. way[way.IndexOf(at.Id)..], at.Id];
        }
        return way;
    }
}
