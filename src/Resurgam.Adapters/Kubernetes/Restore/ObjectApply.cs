using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

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
internal sealed record ApplyMode(bool Force, bool IsDryRun);

/// <summary>Brings single objects to a cluster by server-side apply: fields of others are never taken by accident.</summary>
internal sealed class ObjectApply(ApiConnection api, ApplyMode mode)
{
    public const string Manager = "resurgam";

    /// <summary>Somebody else writes the same object at the same time.</summary>
    private const int MostRaces = 5;

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
        for (var races = 0; ; races++)
        {
            var before = await api.SendAsync(ApiRequest.Get(path), cancellationToken);
            var query =
                $"?fieldManager={Manager}&force={(mode.Force ? "true" : "false")}{(mode.IsDryRun ? "&dryRun=All" : "")}";
            ApiRequest request = new(HttpMethod.Patch, path + query)
            {
                Body = CanonicalJson.Write(json),
                BodyType = ApiRequest.ApplyType,
            };
            var answer = await api.SendAsync(request, cancellationToken);
            if (answer is { IsGood: true, Json: { } applied })
            {
                Answered = ServerFields.Strip(applied);
                return Describe(key, before, Answered);
            }
            var conflicts = ConflictsOf(answer);
            if (conflicts.Count > 0)
                return new RestoredObject(key, ObjectOutcome.Conflict, string.Join("; ", conflicts), []);
            if (answer.Status != ApiAnswer.Conflict || races >= MostRaces)
                return new RestoredObject(key, ObjectOutcome.Refused, answer.Message, []);
        }
    }

    private static RestoredObject Describe(ObjectKey key, ApiAnswer before, JsonObject now)
    {
        if (before is not { IsGood: true, Json: { } there })
            return new RestoredObject(key, ObjectOutcome.Created, Detail: null, []);
        var changes = ObjectDiff.Between(ServerFields.Strip(there), now);
        return new RestoredObject(
            key,
            changes.Count == 0 ? ObjectOutcome.Unchanged : ObjectOutcome.Changed,
            Detail: null,
            changes
        );
    }

    /// <summary>Who owns what we may not change: <c>conflict with "kubectl" using apps/v1: .spec.replicas</c>.</summary>
    private static IReadOnlyList<string> ConflictsOf(ApiAnswer answer) =>
        answer.Status != ApiAnswer.Conflict
            ? []
            :
            [
                .. answer
                    .Json.Items("details", "causes")
                    .Where(cause => cause.FindText("reason") == "FieldManagerConflict")
                    .Select(cause => $"{cause.FindText("message")}: {cause.FindText("field")}"),
            ];
}
