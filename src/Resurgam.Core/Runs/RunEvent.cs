using System.Text.Json;
using Resurgam.Core.Drills;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>What one entry of a run's stream tells. Closed. Layout: docs/formats/runs.md.</summary>
public abstract record RunEvent
{
    private RunEvent() { }

    internal abstract string Kind { get; }

    internal abstract void Write(Utf8JsonWriter json);

    internal LedgerFact ToFact() => LedgerFact.Of(Kind, Write);

    /// <summary>First entry: what is to be done, for whom, by which plan.</summary>
    public sealed record Begun : RunEvent
    {
        public required Runbook Runbook { get; init; }

        /// <summary>Those of the plan, as it was then.</summary>
        public required ValueList<Target> Targets { get; init; }

        /// <summary>Those that the runbook's steps name, as the plan had them then. Empty as well for a run of an older program.</summary>
        public ValueList<Asset> Assets { get; init; } = [];

        public required string PlanHash { get; init; }

        /// <summary>Who asked for it.</summary>
        public required string Requester { get; init; }

        public required string Reason { get; init; }

        /// <summary>Recovery point, as it was written; null: the latest.</summary>
        public string? At { get; init; }

        public bool IsDrill { get; init; }

        /// <summary>The scenario that it was begun for. Null: a runbook was named.</summary>
        public string? Scenario { get; init; }

        /// <summary>Which drill of the plan it is. Null: none.</summary>
        public Rehearsal? Rehearsal { get; init; }

        internal override string Kind => "run-begun";

        internal override void Write(Utf8JsonWriter json)
        {
            json.WriteString("runbook", Runbook.Id.Value);
            json.WriteString("plan", PlanHash);
            json.WriteString("person", Requester);
            json.WriteString("reason", Reason);
            json.WriteBoolean("drill", IsDrill);
            if (At is not null)
                json.WriteString("at", At);
            if (Scenario is not null)
                json.WriteString("scenario", Scenario);
            if (Rehearsal is not null)
            {
                json.WriteStartObject("rehearsal");
                Rehearsal.Write(json);
                json.WriteEndObject();
            }
            json.WritePropertyName("definition");
            json.WriteRawValue(Runbook.Text);
            json.WritePropertyName("targets");
            json.WriteRawValue(RunbookText.OfTargets(Targets));
            if (Assets.Count > 0)
            {
                json.WritePropertyName("assets");
                json.WriteRawValue(RunbookText.OfAssets(Assets));
            }
        }
    }

    /// <summary>From here on this process does the steps, and no other.</summary>
    /// <param name="Leader">New for each process.</param>
    /// <param name="Place">Where it runs, for people: <c>db1 (process 4711)</c>.</param>
    public sealed record Led(string Leader, string Place, string Person, string Reason) : RunEvent
    {
        /// <summary>What no other process of that machine has, ever. Null: its program did not say.</summary>
        public string? Process { get; init; }

        internal override string Kind => "run-led";

        internal override void Write(Utf8JsonWriter json)
        {
            json.WriteString("leader", Leader);
            json.WriteString("place", Place);
            if (Process is not null)
                json.WriteString("process", Process);
            json.WriteString("person", Person);
            json.WriteString("reason", Reason);
        }
    }

    /// <summary>The leader still works on a step.</summary>
    public sealed record Alive(string Leader) : RunEvent
    {
        internal override string Kind => "run-alive";

        internal override void Write(Utf8JsonWriter json) => json.WriteString("leader", Leader);
    }

    /// <summary>The effect of a step, or its undo, may begin from here on.</summary>
    /// <param name="Before">What was noted of how it was, for the undo.</param>
    public sealed record Intent(StepId Step, int Attempt, string Leader, bool IsUndo, ValueList<StepNote> Before)
        : RunEvent
    {
        internal override string Kind => IsUndo ? "undo-intent" : "step-intent";

        internal override void Write(Utf8JsonWriter json)
        {
            json.WriteString("step", Step.Value);
            json.WriteNumber("attempt", Attempt);
            json.WriteString("leader", Leader);
            WriteNotes(json, "before", Before);
        }
    }

    /// <summary>What came of it.</summary>
    public sealed record Outcome(StepId Step, int Attempt, string Leader, bool IsUndo, StepReport Report) : RunEvent
    {
        internal override string Kind => IsUndo ? "undo-outcome" : "step-outcome";

        internal override void Write(Utf8JsonWriter json)
        {
            json.WriteString("step", Step.Value);
            json.WriteNumber("attempt", Attempt);
            json.WriteString("leader", Leader);
            json.WriteString("result", StepReport.NameOf(Report.Result));
            json.WriteString("what", Report.What);
            WriteNotes(json, "notes", Report.Notes);
        }
    }

    /// <summary>A person's word.</summary>
    public sealed record Said(RunVerb Verb) : RunEvent
    {
        internal override string Kind => $"run-{RunVerb.NameOf(Verb.Kind)}";

        internal override void Write(Utf8JsonWriter json)
        {
            if (Verb.Step is { } step)
                json.WriteString("step", step.Value);
            json.WriteString("person", Verb.Person);
            json.WriteString("reason", Verb.Reason);
            if (Verb.IsBreakGlass)
                json.WriteBoolean("breakGlass", true);
            if (Verb.Kind == RunVerbKind.Abort)
                json.WriteBoolean("undo", !Verb.KeepsEffects);
            if (Verb.Key is not null)
                json.WriteString("key", Verb.Key);
        }
    }

    /// <summary>Whether the steady state held when all was done and undone.</summary>
    public sealed record Steady(string Leader, bool Holds, string What) : RunEvent
    {
        internal override string Kind => "run-steady-state";

        internal override void Write(Utf8JsonWriter json)
        {
            json.WriteString("leader", Leader);
            json.WriteBoolean("holds", Holds);
            json.WriteString("what", What);
        }
    }

    /// <summary>Last entry.</summary>
    public sealed record Ended(string Leader, RunResult Result) : RunEvent
    {
        internal override string Kind => "run-ended";

        internal override void Write(Utf8JsonWriter json)
        {
            json.WriteString("leader", Leader);
            json.WriteString("result", RunState.NameOf(Result));
        }
    }

    private static void WriteNotes(Utf8JsonWriter json, string name, ValueList<StepNote> notes)
    {
        json.WriteStartObject(name);
        foreach (var note in notes.DistinctBy(note => note.Name))
            json.WriteString(note.Name, note.Value);
        json.WriteEndObject();
    }
}
