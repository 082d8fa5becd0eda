using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>Where the same fields mean something else in another version of a type, which no schema tells.</summary>
public static class VersionChange
{
    /// <param name="key">As it was captured.</param>
    /// <param name="version">Another version of its type.</param>
    /// <param name="json">The object.</param>
    /// <returns>Null when nothing is known of that kind.</returns>
    public static string? WhyAnother(ObjectKey key, string version, JsonObject json) =>
        key is { Group: "policy", Version: "v1beta1", Kind: "PodDisruptionBudget" }
        && json.Find("spec", "selector") is JsonObject { Count: 0 }
            ? $"its empty selector chose no pod in {key.ApiVersion}, and chooses every pod in {key.Group}/{version}"
            : null;
}
