using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The keys of <c>runbooks</c>. <see cref="ActionForms"/> has those of the actions.</summary>
internal static class RunbookKeys
{
    public const string StepExample = "{ action: wait, with: { for: 5m } }";

    /// <summary>Without a word of the plan an attempt takes so long.</summary>
    private const string DefaultTimeout = "10m";

    private static readonly PlanType<TimeSpan> Span = PlanTypes.DurationBetween(
        TimeSpan.FromSeconds(1),
        TimeSpan.FromDays(7)
    );

    public static readonly PlanKey<ValueList<Runbook>> Runbooks = new(
        "runbooks",
        new("group of groups", [], RunbookReader.ReadAll)
    )
    {
        DefaultInWords = "none",
        Example = $"{{ breathe: {{ steps: {{ wait: {StepExample} }} }} }}",
        About = "Procedures that `run` carries out: a group for each, by its name.",
    };

    public static readonly PlanKey<string?> Title = new("title", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "its name",
        Example = "Bring the database back",
        About = "What people see.",
    };

    public static readonly PlanKey<ValueList<Condition>> SteadyState = new(
        "steady-state",
        new("list of groups", [], RunbookReader.ReadConditions)
    )
    {
        DefaultInWords = "nothing is asked",
        Example = "[{ http: { target: api, path: /health } }]",
        About = "Conditions that hold while all is well: asked again after everything was undone.",
    };

    public static readonly PlanKey<ValueList<RunbookStep>> Steps = new(
        "steps",
        new("group of groups", [], RunbookReader.ReadSteps)
    )
    {
        IsRequired = true,
        Example = $"{{ wait: {StepExample} }}",
        About = "The steps, by their names. Those whose `needs` are settled run at the same time.",
    };

    public static readonly PlanKey<string> Action = new("action", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "wait",
        About = "What the step does; it decides the keys of `with`.",
    };

    /// <summary>Read by the action's own section; here only so that the key is known and told.</summary>
    public static readonly PlanKey<PlanMapping?> With = new("with", new("group", null, _ => null))
    {
        DefaultInWords = "as the action's defaults",
        Example = "{ for: 5m }",
        About = "The inputs of the action.",
    };

    public static readonly PlanKey<ValueList<StepId>> Needs = new("needs", RunbookTypes.StepIds)
    {
        DefaultInWords = "none: it may start at once",
        Example = "[fence, verify]",
        About = "Steps that must be settled first: done, or skipped by a person.",
    };

    public static readonly PlanKey<Condition?> Precondition = ConditionKey(
        "precondition",
        "nothing is asked",
        "Must hold before the effect, else the step fails and nothing was touched."
    );

    public static readonly PlanKey<Condition?> Postcondition = ConditionKey(
        "postcondition",
        "what the action itself checks",
        "Must come to hold within the timeout: that, and no exit code, makes the step done. After a crash it is asked whether the effect is there."
    );

    public static readonly PlanKey<StepAction?> Undo = new("undo", new("group", null, RunbookReader.ReadUndo))
    {
        DefaultInWords = "what the action can undo by itself",
        Example = "{ action: command, with: { argv: [/usr/local/bin/undrain] } }",
        About =
            "Undoes the step, in reverse order, after an abort and at the end of a drill. It must do no harm to what was done in part.",
    };

    public static readonly PlanKey<bool> Irreversible = new("irreversible", PlanTypes.YesOrNo)
    {
        Default = "false",
        Example = "true",
        About = "Says that nothing undoes the step.",
    };

    public static readonly PlanKey<TimeSpan> Timeout = new("timeout", Span)
    {
        Default = DefaultTimeout,
        Example = "30m",
        About = "Longest that one attempt takes, with its postcondition.",
    };

    public static readonly PlanKey<TimeSpan?> Estimate = new("estimate", Span.OrUnknown)
    {
        DefaultInWords = "unknown",
        Example = "12m",
        About = "How long it will take: the longest way through the runbook is the predicted time.",
    };

    public static readonly PlanKey<Risk> Risk = new("risk", RunbookTypes.Risk)
    {
        Default = "low",
        Example = "high",
        About = "How much harm it can do, for the person who approves.",
    };

    public static readonly PlanKey<PlanMapping?> Approval = new("approval", RunbookReader.ApprovalType)
    {
        DefaultInWords = "none is needed",
        Example = "{ by: [anna, ben], two-person: true }",
        About = "The step waits for `runs approve`.",
    };

    public static readonly PlanKey<DrillBehaviour?> Drill = new("drill", RunbookTypes.InDrill)
    {
        DefaultInWords = "`run` on targets and folders that have a binding for drills, `skip` for the rest",
        Example = "skip",
        About = "What it does in a drill. What goes outward (`notify`) never runs there.",
    };

    public static readonly PlanKey<bool> Critical = new("critical", PlanTypes.YesOrNo)
    {
        Default = "true",
        Example = "false",
        About = "With `false` the run goes on when the step failed.",
    };

    public static readonly PlanKey<ValueList<string>> ApprovalBy = new("by", RunbookTypes.Texts)
    {
        DefaultInWords = "anybody",
        Example = "[anna, ben]",
        About = "Names of those who may approve.",
    };

    public static readonly PlanKey<bool> TwoPerson = new("two-person", PlanTypes.YesOrNo)
    {
        Default = "false",
        Example = "true",
        About = "Whether it must be somebody else than who asked for the run.",
    };

    public static readonly PlanKey<PlanMapping?> SqlCondition = Group(
        "sql",
        "{ target: db, query: select pg_is_in_recovery(), expect: f }",
        "A query gives a value.",
        RunbookReader.SqlType
    );

    public static readonly PlanKey<PlanMapping?> HttpCondition = Group(
        "http",
        "{ target: api, path: /health }",
        "A GET is answered with a status.",
        RunbookReader.HttpType
    );

    public static readonly PlanKey<PlanMapping?> CommandCondition = Group(
        "command",
        "{ argv: [/usr/local/bin/is-up] }",
        "A program ends with exit code 0.",
        RunbookReader.CommandType
    );

    public static readonly PlanKey<string> Query = new("query", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "select count(*) > 0 from audit_logs",
        About = "A query that gives one value.",
    };

    public static readonly PlanKey<string> Expect = new("expect", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "t",
        About = "The value that must come, as text.",
    };

    public static readonly PlanKey<ValueList<string>> Argv = new("argv", PlanTypes.Argv)
    {
        IsRequired = true,
        Example = "[/usr/local/bin/is-up]",
        About = "Program and arguments, without a shell. It changes nothing.",
    };

    public static readonly PlanSection RunbookSection = new(
        "runbooks.NAME",
        "A procedure as data: a graph of steps.",
        [Title, SteadyState, Steps]
    );

    public static readonly PlanSection StepSection = new(
        "runbooks.NAME.steps.STEP",
        "One action, and what is promised about it.",
        [
            Title,
            Action,
            With,
            Needs,
            Precondition,
            Postcondition,
            Undo,
            Irreversible,
            Timeout,
            Estimate,
            Risk,
            Approval,
            Drill,
            Critical,
        ]
    );

    public static readonly PlanSection ApprovalSection = new(
        "runbooks.NAME.steps.STEP.approval",
        "Who lets the step start.",
        [ApprovalBy, TwoPerson]
    );

    public static readonly PlanSection UndoSection = new(
        "runbooks.NAME.steps.STEP.undo",
        "What undoes a step.",
        [Action, With]
    );

    public static readonly PlanSection ConditionSection = new(
        "runbooks.NAME.steps.STEP.postcondition",
        "Exactly one of these; the same for `precondition` and in `steady-state`.",
        [SqlCondition, HttpCondition, CommandCondition]
    );

    public static readonly PlanSection SqlSection = new(
        "runbooks.NAME.steps.STEP.postcondition.sql",
        "A target of kind `postgres` is asked.",
        [ActionForms.Target, Query, Expect]
    );

    public static readonly PlanSection HttpSection = new(
        "runbooks.NAME.steps.STEP.postcondition.http",
        "A target of kind `web` is asked.",
        [ActionForms.Target, ActionForms.Path, ActionForms.Status]
    );

    public static readonly PlanSection CommandSection = new(
        "runbooks.NAME.steps.STEP.postcondition.command",
        "A program of this machine is asked.",
        [Argv]
    );

    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<PlanSection> Sections { get; } =
    [
        RunbookSection,
        StepSection,
        ApprovalSection,
        UndoSection,
        ConditionSection,
        SqlSection,
        HttpSection,
        CommandSection,
        .. ActionForms.All.Where(form => form.Keys.Count > 0).Select(form => form.Section),
    ];

    private static PlanKey<Condition?> ConditionKey(string name, string without, string about) =>
        new(name, new("group of one key", null, RunbookReader.ReadCondition))
        {
            DefaultInWords = without,
            Example = "{ http: { target: api, path: /health } }",
            About = about,
        };

    private static PlanKey<PlanMapping?> Group(
        string name,
        string example,
        string about,
        PlanType<PlanMapping?> type
    ) =>
        new(name, type)
        {
            DefaultInWords = "another one",
            Example = example,
            About = about,
        };
}
