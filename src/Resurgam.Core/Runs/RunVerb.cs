namespace Resurgam.Core.Runs;

public enum RunVerbKind
{
    /// <summary>The step may start.</summary>
    Approve,

    /// <summary>It may not.</summary>
    Reject,

    /// <summary>A failed or unknown step, or its undo, is done again.</summary>
    Retry,

    /// <summary>The run goes on without the step, or its undo.</summary>
    Skip,

    /// <summary>A person has done the step, or its undo, by hand.</summary>
    Done,

    /// <summary>No step starts any more.</summary>
    Abort,

    /// <summary>Another person has looked at every broken glass so far; of a run at its end, too.</summary>
    Review,
}

/// <summary>A person's word in a run.</summary>
public sealed record RunVerb(RunVerbKind Kind, string Person, string Reason)
{
    /// <summary>Null: the whole run.</summary>
    public StepId? Step { get; init; }

    /// <summary>The person knows that the rule forbids it and does it all the same; it has to be reviewed.</summary>
    public bool IsBreakGlass { get; init; }

    /// <summary>An abort that undoes nothing.</summary>
    public bool KeepsEffects { get; init; }

    /// <summary>Who says the same once more by the same key has said it once. Null: said by the command, which is not repeated unasked.</summary>
    public string? Key { get; init; }

    public static string NameOf(RunVerbKind kind) =>
        kind switch
        {
            RunVerbKind.Approve => "approved",
            RunVerbKind.Reject => "rejected",
            RunVerbKind.Retry => "retried",
            RunVerbKind.Skip => "skipped",
            RunVerbKind.Done => "done-by-hand",
            RunVerbKind.Abort => "aborted",
            RunVerbKind.Review => "reviewed",
        };

    internal static RunVerbKind? TryKind(string name)
    {
        foreach (var kind in Enum.GetValues<RunVerbKind>())
            if (NameOf(kind) == name)
                return kind;
        return null;
    }
}
