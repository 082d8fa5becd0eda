using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Duties;

/// <summary>Something that has to be done once, by whichever daemon claims it first. Closed.</summary>
public abstract record Duty
{
    private Duty() { }

    /// <summary>When it fell due: with the stream, its identity. What falls due later takes the place of what was due before.</summary>
    public required DateTimeOffset DueAt { get; init; }

    public required AssetId Asset { get; init; }

    /// <summary>Where the ledger tells who does it.</summary>
    public abstract StreamName Stream { get; }

    /// <summary>For people: <c>verify db</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Every new snapshot is restored and questioned.</summary>
    public sealed record Verify : Duty
    {
        public required BlobId Snapshot { get; init; }

        public override StreamName Stream => StreamName.OfDuty($"verify-{Asset}");

        public override string Name => $"verify {Asset}";
    }
}

/// <summary>How a duty ended.</summary>
/// <param name="IsBroken">It could not be done: it is tried again. Else it is done, well or badly.</param>
/// <param name="Passed">Its result is good.</param>
/// <param name="What">In words: the result, or the problem with its code.</param>
public sealed record DutyResult(bool IsBroken, bool Passed, string What);
