using System.Text.Json;
using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>Reading of JSON whose form nobody vouches for: what is not there, or is something else, is null.</summary>
public static class JsonPaths
{
    extension(JsonNode? node)
    {
        public JsonNode? Find(params ReadOnlySpan<string> path)
        {
            var found = node;
            foreach (var name in path)
                found = (found as JsonObject)?[name];
            return found;
        }

        public string? FindText(params ReadOnlySpan<string> path) =>
            node.Find(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String
                ? value.GetValue<string>()
                : null;

        public bool IsTrue(params ReadOnlySpan<string> path) =>
            node.Find(path) is { } found && found.GetValueKind() == JsonValueKind.True;

        /// <summary>A whole number; null for everything else.</summary>
        public long? FindNumber(params ReadOnlySpan<string> path) =>
            node.Find(path) is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

        /// <summary>The groups of a list; other items are passed over.</summary>
        public IEnumerable<JsonObject> Items(params ReadOnlySpan<string> path) =>
            node.Find(path) is JsonArray array ? array.OfType<JsonObject>() : [];

        /// <summary>The texts of a list; other items are passed over.</summary>
        public IEnumerable<string> Texts(params ReadOnlySpan<string> path) =>
            node.Find(path) is JsonArray array ? array.Select(item => item.FindText()).OfType<string>() : [];
    }

    /// <summary>Takes a key away, and the groups on the way to it that are empty then.</summary>
    public static void Cut(this JsonObject node, params ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            node.Remove(path[0]);
            return;
        }
        if (node[path[0]] is not JsonObject inner)
            return;
        inner.Cut(path[1..]);
        if (inner.Count == 0)
            node.Remove(path[0]);
    }
}
