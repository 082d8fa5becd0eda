using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>A service that must be there for the business.</summary>
public sealed record ServicePlan
{
    public required string Name { get; init; }

    /// <summary>What it does, for people.</summary>
    public string? About { get; init; }

    /// <summary>Names of services, assets and dependencies that must be up first.</summary>
    public ValueList<string> Needs { get; init; } = [];

    /// <summary>Whether nothing works without it.</summary>
    public bool IsCritical { get; init; } = true;
}

/// <summary>Something of other people that we need.</summary>
public sealed record Dependency
{
    public required string Name { get; init; }

    public string? About { get; init; }

    /// <summary>What is done while it is away. Null: nobody has thought of it.</summary>
    public string? Fallback { get; init; }

    /// <summary>Name of a vendor.</summary>
    public string? Vendor { get; init; }
}

/// <summary>A key that something is sealed or signed with, outside of the vault's own.</summary>
public sealed record KeptKey
{
    public required string Name { get; init; }

    public string? About { get; init; }

    /// <summary>Names of the assets that cannot be used without it, or <c>vault</c>.</summary>
    public ValueList<string> Opens { get; init; } = [];

    /// <summary>Names of the assets whose backup holds it.</summary>
    public ValueList<string> BackedUpIn { get; init; } = [];

    /// <summary>Where else it lies, for people: <c>safe of the Vienna office</c>.</summary>
    public ValueList<string> Escrow { get; init; } = [];
}
