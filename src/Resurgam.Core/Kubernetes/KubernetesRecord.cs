using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Kubernetes;

/// <summary><c>resurgam/snapshot.json</c> of a cluster's snapshot: what a restore and a verification have to know.</summary>
public sealed record KubernetesRecord
{
    public const string Path = "resurgam/snapshot.json";

    public required string Asset { get; init; }

    /// <summary>Uid of the namespace <c>kube-system</c>: what a cluster is known by.</summary>
    public required string ClusterUid { get; init; }

    /// <summary><c>v1.32.4</c></summary>
    public required string ServerVersion { get; init; }

    /// <summary>The moment of the cluster's store that the lists show; those that could not be had at it say their own.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Just before the first list. Credentials that were revoked after it come back with it: the epoch of all secrets here.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset StoppedAt { get; init; }

    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>Label selector of the objects in namespaces; null: all.</summary>
    public string? Selector { get; init; }

    /// <summary>All objects of the whole cluster, not only those that the namespaces need.</summary>
    public required bool IsClusterWide { get; init; }

    public required IReadOnlyList<TypeRecord> Types { get; init; }

    public required IReadOnlyList<LeftOutRecord> LeftOut { get; init; }

    /// <summary>What was to be captured and could not be, in words.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Private keys of a sealed-secrets controller, as <c>NAMESPACE/NAME</c>.</summary>
    public IReadOnlyList<string> SealingKeys { get; init; } = [];

    /// <summary>SHA-256 of the plan that asked for the snapshot.</summary>
    public string? PlanHash { get; init; }

    [JsonIgnore]
    public long Objects => Types.Sum(type => (long)type.Objects);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, KubernetesJson.Default.KubernetesRecord);

    public static KubernetesRecord Read(ReadOnlySpan<byte> json, string snapshot)
    {
        try
        {
            return JsonSerializer.Deserialize(json, KubernetesJson.Default.KubernetesRecord) ?? throw Missing(snapshot);
        }
        catch (JsonException)
        {
            throw Missing(snapshot);
        }
    }

    public static ResurgamException Missing(string snapshot) => KubernetesFormatProblems.NoRecord(snapshot);
}

/// <param name="Group">Empty for the core group.</param>
/// <param name="Objects">How many of it are in the snapshot.</param>
/// <param name="ResourceVersion">Of its list, when that is another moment than the snapshot's.</param>
public sealed record TypeRecord(
    string Group,
    string Version,
    string Plural,
    string Kind,
    bool IsNamespaced,
    int Objects,
    string? ResourceVersion
);

/// <param name="Type">As kubectl names it: <c>replicasets.apps</c>.</param>
public sealed record LeftOutRecord(string Type, string Reason, int Objects);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(KubernetesRecord))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
