using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>For objects of a version that the cluster does not serve: another version of the same type that takes all of the object.</summary>
/// <remarks>The server is asked by a dry run, and what it would keep is compared: a field that it drops or changes makes the version another.</remarks>
internal sealed class OtherVersions(ApiConnection api, ObjectPlace place, ApplyMode mode)
{
    private const string DefinitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly ObjectApply _trial = new(api, mode with { IsDryRun = true });
    private readonly Dictionary<string, string?> _whyNoChange = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _used = new(StringComparer.Ordinal);
    private int _refused;

    /// <param name="key">Of a version that is not served.</param>
    /// <param name="json">Gets the version that was found.</param>
    /// <param name="cancellationToken">Stops the asking.</param>
    /// <returns>The type; or null, and why no version will do.</returns>
    public async Task<(ResourceType? Type, string Why)> FindAsync(
        ObjectKey key,
        JsonObject json,
        CancellationToken cancellationToken
    )
    {
        List<string> reasons = [place.WhyUnknown(key)];
        foreach (var type in place.OthersOf(key))
        {
            if (await WhyNotAsync(key, type, json, cancellationToken) is { } reason)
            {
                reasons.Add($"{type.ApiVersion} would not do: {reason}");
                continue;
            }
            json["apiVersion"] = type.ApiVersion;
            return (type, reasons[0]);
        }
        _refused++;
        return (null, string.Join("; ", reasons));
    }

    /// <summary>An object has come back.</summary>
    /// <param name="key">As it was captured.</param>
    /// <param name="type">As what.</param>
    public void Count(ObjectKey key, ResourceType type)
    {
        if (key.ApiVersion == type.ApiVersion)
            return;
        var use = $"{key.Kind} of {key.ApiVersion} as {type.ApiVersion}";
        _used[use] = _used.GetValueOrDefault(use) + 1;
    }

    /// <returns>What a person has to know of it; for the end.</returns>
    public IEnumerable<string> Tell()
    {
        foreach (var (use, count) in _used)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{count} {use}, which the cluster serves and takes all of it"
            );
        if (_refused > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{_refused} objects are of types that the cluster does not serve in their version: bring up what serves it, or restore them to a folder (--to FOLDER) and convert the files ('kubectl convert')"
            );
    }

    private async Task<string?> WhyNotAsync(
        ObjectKey key,
        ResourceType type,
        JsonObject json,
        CancellationToken cancellationToken
    )
    {
        if (VersionChange.WhyAnother(key, type.Version, json) is { } known)
            return known;
        if (!_whyNoChange.TryGetValue(type.FullName, out var reason))
            _whyNoChange[type.FullName] = reason = await WhyNoChangeAsync(type, cancellationToken);
        if (reason is not null)
            return reason;
        var asked = (JsonObject)json.DeepClone();
        asked["apiVersion"] = type.ApiVersion;
        asked.Cut("metadata", "ownerReferences"); // their uids are those of another cluster
        var result = await _trial.RunAsync(key with { Version = type.Version }, type, asked, cancellationToken);
        if (_trial.Answered is not { } answered)
            return result.Outcome == ObjectOutcome.Conflict ? null : result.Detail;
        var lost = ObjectDiff.LostBetween(asked, answered);
        return lost.Count == 0
            ? null
            : $"it would lose or change {string.Join(", ", lost.Take(3).Select(change => change.Path))}";
    }

    /// <summary>Whether the versions of a type differ by their names alone, as far as its definition says. Kubernetes' own have none.</summary>
    private async Task<string?> WhyNoChangeAsync(ResourceType type, CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync(
            ApiRequest.Get($"{DefinitionsPath}/{Uri.EscapeDataString(type.FullName)}"),
            cancellationToken
        );
        if (answer.Status == ApiAnswer.NotFound)
            return null;
        if (!answer.IsGood)
            return $"its definition cannot be read, which tells how versions differ: {answer.Message}";
        return answer.Json.FindText("spec", "conversion", "strategy") == "Webhook"
            ? "a program of its own converts between its versions, and only from those that are served"
            : null;
    }
}
