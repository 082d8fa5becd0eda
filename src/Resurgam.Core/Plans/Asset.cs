namespace Resurgam.Core.Plans;

/// <summary>One thing to protect. Closed: the private constructor keeps other cases out.</summary>
public abstract partial record Asset
{
    private Asset() { }

    public required AssetId Id { get; init; }

    /// <summary>As the plan's key <c>kind</c> has it.</summary>
    public abstract string Kind { get; }
}
