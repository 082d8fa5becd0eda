using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>What became of an object.</summary>
public enum ObjectOutcome
{
    /// <summary>It was not there.</summary>
    Created,

    Changed,

    /// <summary>It was there as it is in the snapshot.</summary>
    Unchanged,

    /// <summary>Fields of it are another's, with other values; nothing of it was changed.</summary>
    Conflict,

    /// <summary>The cluster did not take it.</summary>
    Refused,

    /// <summary>We did not try, for the reason that is told.</summary>
    HeldBack,
}

/// <param name="Detail">Why, in words; null when there is nothing to say.</param>
/// <param name="Changes">From what was there to what is there now.</param>
public sealed record RestoredObject(
    ObjectKey Key,
    ObjectOutcome Outcome,
    string? Detail,
    IReadOnlyList<FieldChange> Changes
)
{
    public bool IsGood => Outcome is ObjectOutcome.Created or ObjectOutcome.Changed or ObjectOutcome.Unchanged;
}

/// <param name="Force">Takes fields of other managers.</param>
/// <param name="IsDryRun">The server does everything but keep it.</param>
internal sealed record ApplyMode(bool Force, bool IsDryRun)
{
    public string DryRunQuery => IsDryRun ? "&dryRun=All" : "";
}

/// <summary>Brings single objects to a cluster by server-side apply: fields of others are never taken by accident.</summary>
internal sealed class ObjectApply(ApiConnection api, ApplyMode mode)
{
    public const string Manager = "resurgam";

    /// <summary>Somebody else writes the same object at the same time.</summary>
    private const int MostRaces = 5;

    /// <summary>How the server tells of fields that we changed by hand once, as an action of a run does: to it that is another manager.</summary>
    private const string Ourselves = $"conflict with \"{Manager}\"";

    /// <summary>Objects that were refused because a program does not answer that the server has to ask about them.</summary>
    public int Unasked { get; private set; }

    /// <summary>The object as the server answered the last time; with a dry run as it would be.</summary>
    public JsonObject? Answered { get; private set; }

    public async Task<RestoredObject> RunAsync(
        ObjectKey key,
        ResourceType type,
        JsonObject json,
        CancellationToken cancellationToken
    )
    {
        Answered = null;
        var path = type.PathOf(key.Namespace, key.Name);
        var force = mode.Force;
        for (var races = 0; ; races++)
        {
            var before = await api.SendAsync(ApiRequest.Get(path), cancellationToken);
            if (force && !mode.Force) // of this very state, and no later one
                json["metadata"]?["resourceVersion"] = before.Json.FindText("metadata", "resourceVersion");
            var answer = await TrySendAsync(path, json, force, cancellationToken);
            json.Cut("metadata", "resourceVersion");
            if (answer is null or { Status: ApiAnswer.UnknownBodyType })
                answer = await new ObjectWrite(api, mode).SendAsync(key, type, json, before, cancellationToken);
            if (answer is { IsGood: true, Json: { } applied })
                return Describe(key, before, applied);
            var conflicts = ConflictsOf(answer);
            if (conflicts.Count > 0 && (force || !conflicts.All(IsOurs)))
                return new RestoredObject(key, ObjectOutcome.Conflict, string.Join("; ", conflicts), []);
            force |= conflicts.Count > 0;
            if (answer.IsOfWebhook)
                Unasked++;
            if (answer.Status != ApiAnswer.Conflict || races >= MostRaces)
                return new RestoredObject(key, ObjectOutcome.Refused, answer.Message, []);
        }
    }

    /// <returns>Null when the server breaks off at this request, and answers others.</returns>
    private async Task<ApiAnswer?> TrySendAsync(
        string path,
        JsonObject json,
        bool force,
        CancellationToken cancellationToken
    )
    {
        var query = $"?fieldManager={Manager}&force={(force ? "true" : "false")}{mode.DryRunQuery}";
        ApiRequest request = new(HttpMethod.Patch, path + query)
        {
            Body = CanonicalJson.Write(json),
            BodyType = ApiRequest.ApplyType,
        };
        try
        {
            return await api.SendAsync(request, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Code == KubernetesProblems.UnreachableCode)
        {
            await api.SendAsync(ApiRequest.Get(path), cancellationToken); // throws when it is gone
            return null;
        }
    }

    private RestoredObject Describe(ObjectKey key, ApiAnswer before, JsonObject applied)
    {
        if (applied.FindText("metadata", "deletionTimestamp") is { } deleted)
            return new RestoredObject(
                key,
                ObjectOutcome.Refused,
                $"it is being deleted since {deleted}: run this again when it is gone",
                []
            );
        Answered = ServerFields.Strip(applied);
        if (before is not { IsGood: true, Json: { } there })
            return new RestoredObject(key, ObjectOutcome.Created, Detail: null, []);
        var changes = ObjectDiff.Between(ServerFields.Strip(there), Answered);
        return new RestoredObject(
            key,
            changes.Count == 0 ? ObjectOutcome.Unchanged : ObjectOutcome.Changed,
            Detail: null,
            changes
        );
    }

    private static bool IsOurs(string conflict) => conflict.StartsWith(Ourselves, StringComparison.Ordinal);

    /// <summary>Who owns what we may not change: <c>conflict with "kubectl" using apps/v1: .spec.replicas</c>.</summary>
    private static IReadOnlyList<string> ConflictsOf(ApiAnswer answer) =>
        answer.Status != ApiAnswer.Conflict
            ? []
            :
            [
                .. answer
                    .Json.Items("details", "causes")
                    .Where(cause => cause.FindText("reason") == ApiAnswer.FieldConflict)
                    .Select(cause => $"{cause.FindText("message")}: {cause.FindText("field")}"),
            ];
}
