using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>An organisation on GitHub, all of whose repositories are captured.</summary>
public sealed record GitHubSettings
{
    public required string Organisation { get; init; }

    /// <summary>Address of the API, without a slash at the end.</summary>
    public required string Api { get; init; }

    /// <summary>Null: only what everybody sees.</summary>
    public SecretSource? Token { get; init; }

    /// <summary>Repositories that stay out, each as in <see cref="Assets.ExcludePattern"/>.</summary>
    public ValueList<string> Exclude { get; init; } = [];
}
