using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>Assets that are of use only together: captured as one recovery point, and brought back to one moment.</summary>
public sealed record RecoverySet
{
    /// <summary>As an asset's name; no asset has it.</summary>
    public required string Name { get; init; }

    /// <summary>In the order in which they are captured and come back; at least one, each once.</summary>
    public required ValueList<string> Assets { get; init; }

    public string? About { get; init; }

    /// <summary>Null: the assets are written on while they are captured.</summary>
    public SetBarrier? Barrier { get; init; }
}

/// <summary>Keeps the assets still for the moment of a set.</summary>
/// <param name="Hold">Program and arguments: nothing is written when it has ended well.</param>
/// <param name="Release">Run in any event.</param>
/// <param name="Limit">Longest that it may hold; then it is released, and there is no recovery point.</param>
public sealed record SetBarrier(ValueList<string> Hold, ValueList<string> Release, TimeSpan Limit);
