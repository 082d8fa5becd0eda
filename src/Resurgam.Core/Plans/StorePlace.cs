using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>A place where a vault or a replica of it lives, and how it is reached.</summary>
public sealed record StorePlace
{
    public required StoreAddress Store { get; init; }

    /// <summary>How a store on S3 is reached; null for any other store.</summary>
    public S3Place? S3 { get; init; }

    /// <summary>How a store on Azure is reached; null for any other store.</summary>
    public AzurePlace? Azure { get; init; }

    /// <summary>Most bytes a second to and from it, taken together; null: no limit.</summary>
    public ByteSize? Bandwidth { get; init; }

    /// <summary>What is lost together with it, in the operator's words: a region, a site, an account. Null: not said.</summary>
    public string? FailureDomain { get; init; }
}

/// <summary>Another place with a copy of the whole vault.</summary>
/// <param name="Name">As <c>vault copy</c> and <c>--from</c> call it.</param>
public sealed record ReplicaPlace(string Name, StorePlace Place)
{
    /// <summary>What the vault's own place is called where a replica could be named.</summary>
    public const string Primary = "primary";
}
