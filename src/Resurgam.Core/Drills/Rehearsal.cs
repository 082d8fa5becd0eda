using System.Text.Json;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Drills;

/// <summary>What a run rehearses, what was promised for it and what was predicted: part of the first entry of a drill's run.</summary>
public sealed record Rehearsal
{
    /// <summary>Name of the drill in the plan.</summary>
    public required string Drill { get; init; }

    public required string Title { get; init; }

    /// <summary>Name of the scenario in the plan.</summary>
    public required string Scenario { get; init; }

    /// <summary>Longest until all conditions hold. Null: not promised.</summary>
    public TimeSpan? Rto { get; init; }

    /// <summary>Most data that may be lost, as time. Null: not promised.</summary>
    public TimeSpan? Rpo { get; init; }

    public required TimeSpan HoldFor { get; init; }

    /// <summary>The replica that restores read. Null: the vault's own place.</summary>
    public string? From { get; init; }

    /// <summary>What must hold, in the words of the plan.</summary>
    public ValueList<string> Success { get; init; } = [];

    public required DrillPrediction Prediction { get; init; }

    /// <summary>How much it will restore, by the newest backups; its prediction goes by that. Null: nothing, or it is not known.</summary>
    public long? RestoredBytes { get; init; }

    /// <summary>Steps of the drill itself that make its place; a runbook may have some of such names, too.</summary>
    public ValueList<StepId> Prepared { get; init; } = [];

    /// <summary>Steps that inject its faults.</summary>
    public ValueList<StepId> Faults { get; init; } = [];

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("drill", Drill);
        json.WriteString("title", Title);
        json.WriteString("scenario", Scenario);
        WriteSeconds(json, "rtoSeconds", Rto);
        WriteSeconds(json, "rpoSeconds", Rpo);
        WriteSeconds(json, "holdForSeconds", HoldFor);
        if (From is not null)
            json.WriteString("from", From);
        json.WriteStartArray("success");
        foreach (var word in Success)
            json.WriteStringValue(word);
        json.WriteEndArray();
        WriteSeconds(json, "predictedSeconds", Prediction.Likely);
        WriteSeconds(json, "predictedLeastSeconds", Prediction.Least);
        WriteSeconds(json, "predictedMostSeconds", Prediction.Most);
        json.WriteNumber("predictedFromDrills", Prediction.Drills);
        if (RestoredBytes is { } restored)
            json.WriteNumber("restoredBytes", restored);
        WriteSteps(json, "prepared", Prepared);
        WriteSteps(json, "faults", Faults);
    }

    /// <returns>Null when it is none.</returns>
    internal static Rehearsal? TryRead(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || Text("drill") is not { } drill)
            return null;
        return new Rehearsal
        {
            Drill = drill,
            Title = Text("title") ?? drill,
            Scenario = Text("scenario") ?? "",
            Rto = Seconds("rtoSeconds"),
            Rpo = Seconds("rpoSeconds"),
            HoldFor = Seconds("holdForSeconds") ?? TimeSpan.Zero,
            From = Text("from"),
            Success =
                json.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.Array
                    ? [.. success.EnumerateArray().Select(word => word.ToString())]
                    : [],
            Prediction = new DrillPrediction(
                Seconds("predictedSeconds") ?? TimeSpan.Zero,
                Seconds("predictedLeastSeconds") ?? TimeSpan.Zero,
                Seconds("predictedMostSeconds") ?? TimeSpan.Zero,
                json.TryGetProperty("predictedFromDrills", out var drills) && drills.TryGetInt32(out var number)
                    ? number
                    : 0
            ),
            RestoredBytes =
                json.TryGetProperty("restoredBytes", out var restored) && restored.TryGetInt64(out var bytes)
                    ? bytes
                    : null,
            Prepared = Steps("prepared"),
            Faults = Steps("faults"),
        };

        ValueList<StepId> Steps(string name) =>
            json.TryGetProperty(name, out var steps) && steps.ValueKind == JsonValueKind.Array
                ? [.. steps.EnumerateArray().Select(step => new StepId(step.ToString()))]
                : [];

        string? Text(string name) =>
            json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;

        TimeSpan? Seconds(string name) =>
            json.TryGetProperty(name, out var value) && value.TryGetDouble(out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null;
    }

    private static void WriteSteps(Utf8JsonWriter json, string name, ValueList<StepId> steps)
    {
        json.WriteStartArray(name);
        foreach (var step in steps)
            json.WriteStringValue(step.Value);
        json.WriteEndArray();
    }

    internal static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } value)
            json.WriteNumber(name, value.TotalSeconds);
    }
}
