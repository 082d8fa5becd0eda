using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>A procedure as data: a graph of steps. Immutable, compared by value; made by <see cref="RunbookReader"/>.</summary>
public sealed record Runbook
{
    public required RunbookId Id { get; init; }

    /// <summary>For people; the id when the plan has none.</summary>
    public required string Title { get; init; }

    /// <summary>In the order of the file, each id once, and without a cycle of needs.</summary>
    public required ValueList<RunbookStep> Steps { get; init; }

    /// <summary>What holds while all is well: asked before a drill, and again after everything was undone.</summary>
    public ValueList<Condition> SteadyState { get; init; } = [];

    /// <summary>The runbook in canonical JSON with the keys of the plan: what a run embeds and <see cref="RunbookReader"/> reads back.</summary>
    public required string Text { get; init; }

    /// <summary>Those that its steps name.</summary>
    public ValueList<Asset> AssetsAmong(ValueList<Asset> assets) =>
        [
            .. assets.Where(asset =>
                Steps.Any(step => step.Action.Asset == asset.Id.Value || step.Undo?.Asset == asset.Id.Value)
            ),
        ];

    public RunbookStep? FindStep(StepId id) => Steps.FirstOrDefault(step => step.Id == id);

    /// <exception cref="InvalidOperationException">The runbook has no such step.</exception>
    public RunbookStep GetStep(StepId id) => Steps.First(step => step.Id == id);
}
