using System.Text.Json;
using Resurgam.Core.Drills;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>From entries back to what they tell.</summary>
internal static class RunEventReader
{
    /// <returns>Null for what is no entry of a run that this program knows.</returns>
    public static RunEvent? TryRead(LedgerEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        return TryRead(entry.Kind, body.RootElement);
    }

    private static RunEvent? TryRead(string kind, JsonElement body)
    {
        switch (kind)
        {
            case "run-begun":
                return TryReadBegun(body);
            case "run-led":
                return new RunEvent.Led(
                    Text(body, "leader"),
                    Text(body, "place"),
                    Text(body, "person"),
                    Text(body, "reason")
                )
                {
                    Process = body.TryGetProperty("process", out _) ? Text(body, "process") : null,
                };
            case "run-alive":
                return new RunEvent.Alive(Text(body, "leader"));
            case "step-intent" or "undo-intent":
                return new RunEvent.Intent(
                    new StepId(Text(body, "step")),
                    Number(body, "attempt"),
                    Text(body, "leader"),
                    kind == "undo-intent",
                    Notes(body, "before")
                );
            case "step-outcome" or "undo-outcome":
                return TryReadReport(body) is { } report
                    ? new RunEvent.Outcome(
                        new StepId(Text(body, "step")),
                        Number(body, "attempt"),
                        Text(body, "leader"),
                        kind == "undo-outcome",
                        report
                    )
                    : null;
            case "run-steady-state":
                return new RunEvent.Steady(Text(body, "leader"), Flag(body, "holds"), Text(body, "what"));
            case "run-ended":
                return RunState.TryResult(Text(body, "result")) is { } result
                    ? new RunEvent.Ended(Text(body, "leader"), result)
                    : null;
            default:
                return TryReadVerb(kind, body);
        }
    }

    private static RunEvent.Begun? TryReadBegun(JsonElement body)
    {
        if (
            !body.TryGetProperty("definition", out var definition)
            || !body.TryGetProperty("targets", out var targets)
            || RunbookReader.TryRead(new RunbookId(Text(body, "runbook")), definition, targets) is not { } read
            || TryReadAssets(body) is not { } assets
        )
            return null;
        return new RunEvent.Begun
        {
            Runbook = read.Runbook,
            Targets = read.Targets,
            Assets = assets,
            PlanHash = Text(body, "plan"),
            Requester = Text(body, "person"),
            Reason = Text(body, "reason"),
            At = body.TryGetProperty("at", out _) ? Text(body, "at") : null,
            IsDrill = Flag(body, "drill"),
            Scenario = body.TryGetProperty("scenario", out _) ? Text(body, "scenario") : null,
            Rehearsal = body.TryGetProperty("rehearsal", out var rehearsal) ? Rehearsal.TryRead(rehearsal) : null,
        };
    }

    /// <returns>Null when they are none that this program reads; none when the run was begun without them.</returns>
    private static ValueList<Asset>? TryReadAssets(JsonElement body) =>
        body.TryGetProperty("assets", out var assets) ? RunbookReader.TryReadAssets(assets) : [];

    private static StepReport? TryReadReport(JsonElement body)
    {
        if (StepReport.TryResult(Text(body, "result")) is not { } result)
            return null;
        return new StepReport(result, Text(body, "what"), Notes(body, "notes"));
    }

    private static ValueList<StepNote> Notes(JsonElement body, string name) =>
        body.TryGetProperty(name, out var written) && written.ValueKind == JsonValueKind.Object
            ? [.. written.EnumerateObject().Select(note => new StepNote(note.Name, note.Value.ToString()))]
            : [];

    private static RunEvent.Said? TryReadVerb(string kind, JsonElement body) =>
        kind.StartsWith("run-", StringComparison.Ordinal) && RunVerb.TryKind(kind[4..]) is { } verb
            ? new RunEvent.Said(
                new RunVerb(verb, Text(body, "person"), Text(body, "reason"))
                {
                    Step = body.TryGetProperty("step", out _) ? new StepId(Text(body, "step")) : null,
                    IsBreakGlass = Flag(body, "breakGlass"),
                    KeepsEffects = verb == RunVerbKind.Abort && !Flag(body, "undo"),
                    Key = body.TryGetProperty("key", out _) ? Text(body, "key") : null,
                }
            )
            : null;

    private static string Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";

    private static int Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;

    private static bool Flag(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
