namespace Resurgam.Core.Plans;

/// <summary>One thing to protect. Closed: the private constructor keeps other cases out.</summary>
public abstract partial record Asset
{
    private Asset() { }

    public required AssetId Id { get; init; }

    /// <summary>What is in it, for people. Null: not said.</summary>
    public string? About { get; init; }

    /// <summary>Most data that may be lost, as time. Null: not said.</summary>
    public TimeSpan? Rpo { get; init; }

    /// <summary>Longest until it is back. Null: not said.</summary>
    public TimeSpan? Rto { get; init; }

    /// <summary>What is lost together with it: a region, a site, an account. Null: not said.</summary>
    public string? FailureDomain { get; init; }

    /// <summary>In JSON with the keys of the plan: what a run embeds. Empty for what no plan was read from.</summary>
    public string Text { get; init; } = "";

    /// <summary>As the plan's key <c>kind</c> has it.</summary>
    public abstract string Kind { get; }

    /// <summary>What its snapshots are called, where one kind of asset has two kinds of snapshots.</summary>
    public virtual string SnapshotKind => Kind;
}
