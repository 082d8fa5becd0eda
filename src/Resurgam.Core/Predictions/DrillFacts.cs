using Resurgam.Core.Duties;
using Resurgam.Core.Values;

namespace Resurgam.Core.Predictions;

/// <summary>What came of a scheduled drill when it was last due.</summary>
/// <param name="Drill">Name of the drill.</param>
/// <param name="Scenario">Which it rehearses.</param>
/// <param name="IsMissed">It was not begun in time.</param>
/// <param name="What">How it ended, in words.</param>
public sealed record DrillFacts(string Drill, string Scenario, DateTimeOffset DueAt, bool IsMissed, string What)
{
    /// <returns>Null: nothing is open. It passed, is still to end, or nobody knows of one.</returns>
    public static DrillFacts? Of(string drill, string scenario, DutyState state) =>
        state.IsSettled && state.Passed == false
            ? new DrillFacts(drill, scenario, state.DueAt, state.Kind == DutyEntry.Missed, state.What)
            : null;

    internal AssetFinding ToFinding(DateTimeOffset now)
    {
        var due = $"its drill '{Drill}', due {Duration.Rough(now - DueAt)} ago,";
        return IsMissed
            ? new AssetFinding(
                "drill-missed",
                IsRisk: false,
                $"{due} was missed",
                $"See that 'resurgam serve' runs when it is due, or announce it and run 'resurgam drill {Drill}'."
            )
            : new AssetFinding(
                "drill-failed",
                IsRisk: true,
                $"{due} did not pass: {What}",
                $"Read 'resurgam drills report {Drill}', mend what it shows, and drill again: 'resurgam drill {Drill}'."
            );
    }
}
