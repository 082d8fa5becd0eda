using System.Text.Json;
using System.Text.RegularExpressions;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes the replicas of a vault.</summary>
internal static partial class ReplicaSection
{
    public static PlanType<ValueList<ReplicaPlace>> Type { get; } = new("list of groups", [], Read);

    public static PlanType<string> NameType { get; } = new("name", "", ReadName);

    [GeneratedRegex(@"^[a-z0-9_-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern { get; }

    public static void Write(Utf8JsonWriter json, ValueList<ReplicaPlace> replicas)
    {
        if (replicas.Count == 0)
            return;
        json.WriteStartArray("replicas");
        foreach (var replica in replicas)
        {
            json.WriteStartObject();
            json.WriteString("name", replica.Name);
            json.WriteString("store", replica.Place.Store.Written);
            PlaceSection.Write(json, replica.Place);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Two places at one address are one place.</summary>
    public static void CheckApart(StorePlace primary, ValueList<ReplicaPlace> replicas, PlanMapping vault)
    {
        List<StorePlace> seen = [primary];
        foreach (var (index, replica) in replicas.Index())
        {
            if (seen.Exists(other => IsSame(other, replica.Place)))
                vault.Self.Report.Add(
                    vault.MarkOf(VaultKeys.Replicas),
                    PlanProblems.ReplicaSamePlace(
                        $"{vault.Self.Path}.{VaultKeys.Replicas.Name}[{index}]",
                        replica.Place.Store.Written
                    )
                );
            seen.Add(replica.Place);
        }
    }

    private static bool IsSame(StorePlace one, StorePlace other) =>
        one.Store.Kind == other.Store.Kind
        && one.Store.Value == other.Store.Value
        && one.S3?.Endpoint == other.S3?.Endpoint
        && one.Azure?.Endpoint == other.Azure?.Endpoint;

    private static ValueList<ReplicaPlace> Read(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence sequence)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a list of replicas", value.Node.Shape, value.Example));
            return [];
        }
        List<ReplicaPlace> replicas = [];
        foreach (var (index, item) in sequence.Items.Index())
        {
            var each = value with { Node = item, Path = $"{value.Path}[{index}]" };
            var keys = new PlanMapping(each, ReplicaKeys.Section);
            ReplicaPlace replica = new(keys.Get(ReplicaKeys.Name), PlaceSection.Read(keys, each));
            if (replica.Name.Length > 0 && replicas.Exists(other => other.Name == replica.Name))
                value.Report.Add(keys.MarkOf(ReplicaKeys.Name), PlanProblems.ReplicaTwice(each.Path, replica.Name));
            replicas.Add(replica);
        }
        return [.. replicas];
    }

    private static string ReadName(PlanValue value)
    {
        var written = PlanTypes.ReadText(value);
        if (written is not null && (!NamePattern.IsMatch(written) || written == ReplicaPlace.Primary))
            value.Refuse(PlanProblems.ReplicaName(value.Path, written));
        return written ?? "";
    }
}
