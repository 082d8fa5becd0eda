using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Duties;

/// <summary>Something that has to be done once, by whichever daemon claims it first. Closed; each kind has a file of its own and says there when it is due.</summary>
public abstract partial record Duty
{
    private Duty() { }

    /// <summary>When it fell due: with the stream, its identity. What falls due later takes the place of what was due before.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Where the ledger tells who does it.</summary>
    public abstract StreamName Stream { get; }

    /// <summary>For people: <c>verify db</c>.</summary>
    public abstract string Name { get; }

    public abstract DutyLane Lane { get; }

    /// <summary>Begun later than that it is missed, and not made up for. Null: it is done however late.</summary>
    public virtual TimeSpan? Patience => null;

    public bool IsMissedAt(DateTimeOffset now) => now - DueAt > Patience;

    /// <summary>It goes on for as long as the plan has it: whoever claims it does it until that claim ends.</summary>
    public bool IsEndless => Lane == DutyLane.Stream;
}

/// <summary>Duties wait for those of their own lane only: no backup is late because a verification takes hours.</summary>
public enum DutyLane
{
    Backup,
    Verification,
    Copy,
    Scrub,
    Look,
    Drill,
    Stream,
}

/// <summary>How a duty ended.</summary>
/// <param name="IsBroken">It could not be done: it is tried again. Else it is done, well or badly.</param>
/// <param name="Passed">Its result is good.</param>
/// <param name="What">In words: the result, or the problem with its code.</param>
public sealed record DutyResult(bool IsBroken, bool Passed, string What)
{
    /// <summary>Its time had passed before it could begin.</summary>
    public bool IsMissed { get; init; }
}
