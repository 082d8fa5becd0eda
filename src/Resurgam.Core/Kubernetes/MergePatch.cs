using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>A merge patch, RFC 7396: a group changes key by key, null takes one away, everything else is replaced whole.</summary>
public static class MergePatch
{
    /// <summary>Changes <paramref name="target"/>.</summary>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
            if (value is null)
                target.Remove(name);
            else if (value is not JsonObject inner)
                target[name] = value.DeepClone();
            else
            {
                var there = target[name] as JsonObject ?? [];
                target[name] = there;
                Apply(there, inner);
            }
    }
}
