using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>What came of one attempt at a step, or of its undo.</summary>
/// <param name="What">For people: a phrase, never with a secret.</param>
/// <param name="Notes">Evidence, and what an undo needs. Never a secret.</param>
public sealed record StepReport(StepResult Result, string What, ValueList<StepNote> Notes)
{
    public static StepReport Done(string what, params ReadOnlySpan<StepNote> notes) =>
        new(StepResult.Done, what, [.. notes]);

    public static StepReport Failed(string what) => new(StepResult.Failed, what, []);

    /// <returns>Null when there is no such note.</returns>
    public string? FindNote(string name) => Notes.FirstOrDefault(note => note.Name == name)?.Value;

    public static string NameOf(StepResult result) =>
        result switch
        {
            StepResult.Done => "done",
            StepResult.Failed => "failed",
            StepResult.Unknown => "unknown",
            StepResult.Repeat => "repeat",
            StepResult.Skipped => "skipped",
        };

    internal static StepResult? TryResult(string name)
    {
        foreach (var result in Enum.GetValues<StepResult>())
            if (NameOf(result) == name)
                return result;
        return null;
    }
}

/// <summary>Something that an action noted: <c>old-value</c> is <c>100</c>.</summary>
public sealed record StepNote(string Name, string Value);

public enum StepResult
{
    /// <summary>The postcondition holds.</summary>
    Done,

    /// <summary>It does not, and nothing more will come of this attempt.</summary>
    Failed,

    /// <summary>Cut off by a crash, and nobody can tell whether the effect is there: a person decides.</summary>
    Unknown,

    /// <summary>Cut off by a crash; the effect is not there, or does no harm twice: it is done again.</summary>
    Repeat,

    /// <summary>Not done, because this is a drill.</summary>
    Skipped,
}
