using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>
/// For APIs without server-side apply: those that other programs serve, and the API server's own list of them before 1.22.
/// They keep no account of whose a field is, so that every other value counts as somebody else's.
/// </summary>
internal sealed class ObjectWrite(ApiConnection api, ApplyMode mode)
{
    /// <param name="before">What the object was.</param>
    /// <returns>As of an apply: the object, or a conflict with its causes.</returns>
    public async Task<ApiAnswer> SendAsync(
        ObjectKey key,
        ResourceType type,
        JsonObject json,
        ApiAnswer before,
        CancellationToken cancellationToken
    )
    {
        var query = $"?fieldManager={ObjectApply.Manager}{mode.DryRunQuery}";
        if (before is not { IsGood: true, Json: { } there })
            return await SendAsync(
                HttpMethod.Post,
                type.PathOf(key.Namespace) + query,
                json,
                "application/json",
                cancellationToken
            );
        var merged = (JsonObject)there.DeepClone();
        MergePatch.Apply(merged, json);
        var changes = ObjectDiff.Between(there, merged);
        if (changes.Count == 0)
            return before;
        if (!mode.Force)
            return Conflict(changes);
        var patch = (JsonObject)json.DeepClone();
        patch["metadata"]?["resourceVersion"] = there.FindText("metadata", "resourceVersion");
        return await SendAsync(
            HttpMethod.Patch,
            type.PathOf(key.Namespace, key.Name) + query,
            patch,
            ApiRequest.MergeType,
            cancellationToken
        );
    }

    private Task<ApiAnswer> SendAsync(
        HttpMethod method,
        string path,
        JsonObject json,
        string bodyType,
        CancellationToken cancellationToken
    ) =>
        api.SendAsync(
            new ApiRequest(method, path) { Body = Encoding.UTF8.GetBytes(json.ToJsonString()), BodyType = bodyType },
            cancellationToken
        );

    private static ApiAnswer Conflict(IReadOnlyList<FieldChange> changes)
    {
        JsonArray causes = [];
        foreach (var change in changes)
        {
            JsonNode cause = new JsonObject
            {
                ["reason"] = ApiAnswer.FieldConflict,
                ["message"] = "it has another value, and this API does not tell whose it is",
                ["field"] = $".{change.Path}",
            };
            causes.Add(cause);
        }
        JsonObject answer = new() { ["details"] = new JsonObject { ["causes"] = causes } };
        return new ApiAnswer(ApiAnswer.Conflict, Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }
}
