using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>How a drill is carried out: its preparation, its faults, and what has to hold.</summary>
internal static class DrillKeys
{
    /// <summary>Without a word of the plan what must hold has to hold so long.</summary>
    public static readonly TimeSpan DefaultHold = TimeSpan.FromSeconds(30);

    public static readonly PlanKey<ValueList<RunbookStep>> Prepare = OptionalKey.Of(
        "prepare",
        new PlanType<ValueList<RunbookStep>>("group of groups", [], RunbookReader.ReadSteps),
        "{ copy: { action: vault-restore, with: { asset: db, to: /srv/restored, drill-to: /srv/drill/data, start: true } } }",
        "Steps, written as those of a runbook, that make the place of the drill; undone after all else."
    );

    public static readonly PlanKey<ValueList<RunbookStep>> Inject = OptionalKey.Of(
        "inject",
        new PlanType<ValueList<RunbookStep>>("group of groups", [], ReadFaults),
        "{ burn: { action: fault-destroy, with: { path: /srv/drill/data } } }",
        "The faults: steps whose action begins with `fault-`, or is `sql`. With the first of them the clock starts.",
        "nothing is broken: the clock starts with the first step of the runbook"
    );

    public static readonly PlanKey<ValueList<Condition>> Holds = OptionalKey.Of(
        "holds",
        new PlanType<ValueList<Condition>>("list of groups", [], RunbookReader.ReadConditions),
        "[{ http: { target: api, path: /health } }]",
        "Conditions that must hold within the RTO, and keep holding: else the drill has failed."
    );

    public static readonly PlanKey<TimeSpan?> HoldFor = OptionalKey.Of(
        "hold-for",
        PlanTypes.DurationBetween(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)).OrUnknown,
        "1m",
        "How long they have to keep holding.",
        "30s"
    );

    public static readonly PlanKey<StepAction.Measure?> NewestBefore = NewestKey(
        "newest-before",
        "asked right before the faults; the loss is what `newest-after` lacks of it",
        "the moment of the fault counts"
    );

    public static readonly PlanKey<StepAction.Measure?> NewestAfter = NewestKey(
        "newest-after",
        "asked at the end: with it the loss is measured against the RPO",
        "the loss is not measured"
    );

    public static readonly PlanKey<string?> From = OptionalKey.Text(
        "from",
        "second-region",
        "The replica of the vault that its restores read, as if the vault's own place were gone.",
        "the vault's own place"
    );

    /// <summary>As the action <c>measure</c> has it, whose own keys are not made yet when these are.</summary>
    private static readonly PlanKey<string> Query = new("query", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "select max(occurred_at) from audit_logs",
        About = "A query that gives one value: a time, or seconds since 1970.",
    };

    public static readonly PlanSection NewestSection = new(
        "drills.NAME.newest-after",
        "A query that gives when the newest data was written; the same for `newest-before`.",
        [ActionForms.Target, Query]
    );

    public static IReadOnlyList<PlanKey> All { get; } =
    [Prepare, Inject, Holds, HoldFor, NewestBefore, NewestAfter, From];

    /// <summary>For <see cref="Drill.Text"/>.</summary>
    public static readonly PlanSection Section = new("drills.NAME", "How a drill is carried out.", All);

    /// <summary>The section of what is inside one of the keys above; null where none is.</summary>
    public static PlanSection? SectionBelow(PlanKey key) =>
        key == Prepare || key == Inject ? RunbookKeys.StepSection
        : key == Holds ? RunbookKeys.ConditionSection
        : key == NewestBefore || key == NewestAfter ? NewestSection
        : null;

    private static PlanKey<StepAction.Measure?> NewestKey(string name, string when, string without) =>
        new(name, new("group", null, ReadNewest))
        {
            DefaultInWords = without,
            Example = "{ target: db, query: select max(occurred_at) from audit_logs }",
            About = $"When the newest data was written, as a time or in seconds since 1970: {when}.",
        };

    private static StepAction.Measure? ReadNewest(PlanValue value)
    {
        PlanMapping keys = new(value, NewestSection);
        return new StepAction.Measure { On = new TargetId(keys.Get(ActionForms.Target)), Query = keys.Get(Query) };
    }

    private static ValueList<RunbookStep> ReadFaults(PlanValue value)
    {
        var steps = RunbookReader.ReadSteps(value);
        foreach (var step in steps.Where(step => step.Action is not ({ IsFault: true } or StepAction.Sql)))
            value.Report.Add(
                value.Node.Find(step.Id.Value)?.At ?? value.Node.At,
                RunbookProblems.NoFault($"{value.Path}.{step.Id}.action", step.Action.Kind)
            );
        return steps;
    }
}
