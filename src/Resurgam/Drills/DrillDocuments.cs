using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Drills;

namespace Resurgam.Drills;

/// <summary>What <c>drills list</c> prints.</summary>
internal sealed record DrillsDocument(IReadOnlyList<DrillLineView> Drills);

/// <param name="IsCarriedOut">False: it is one in words only, which nothing injects and nothing checks.</param>
/// <param name="Predicted">From the fault until all holds, if it were done now; null when its scenario has no runbook.</param>
/// <param name="PredictedFromDrills">0: by the estimates of the runbook.</param>
/// <param name="Last">Null: it was never done.</param>
internal sealed record DrillLineView(
    string Drill,
    string Title,
    string Scenario,
    bool IsCarriedOut,
    IReadOnlyList<string> Schedules,
    TimeSpan? Rto,
    TimeSpan? Rpo,
    TimeSpan? Predicted,
    int PredictedFromDrills,
    int Done,
    int Passed,
    DrillLastView? Last
);

/// <param name="Passed">Null: it is not at its end.</param>
internal sealed record DrillLastView(
    string Run,
    DateTimeOffset At,
    bool? Passed,
    TimeSpan? Recovery,
    TimeSpan? Loss,
    IReadOnlyList<string> Reasons
);

/// <summary>What <c>drills show</c> prints: how the drill would be carried out, and how it went before.</summary>
internal sealed record DrillDocument(
    DrillLineView Drill,
    string? From,
    TimeSpan HoldFor,
    IReadOnlyList<string> Success,
    IReadOnlyList<string> AbortWhen,
    IReadOnlyList<string> Places,
    IReadOnlyList<DrillStepView> Steps,
    IReadOnlyList<DrillComparison> Past
);

/// <param name="InDrill"><c>run</c> or <c>skip</c>.</param>
internal sealed record DrillStepView(
    string Step,
    string Title,
    string Action,
    IReadOnlyList<string> Needs,
    string InDrill
);

[JsonSerializable(typeof(DrillReport))]
[JsonSerializable(typeof(DrillsDocument))]
[JsonSerializable(typeof(DrillDocument))]
internal sealed partial class DrillDocuments : JsonSerializerContext
{
    public static readonly DrillDocuments Json = new(CliJson.NewOptions());
}
