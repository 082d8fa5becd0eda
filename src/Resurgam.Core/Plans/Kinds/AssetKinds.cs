using System.Text.Json;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>The kinds of assets that a plan may name.</summary>
internal static class AssetKinds
{
    /// <summary>In the order of <see cref="AssetKeys.KindNames"/>.</summary>
    public static readonly IReadOnlyList<AssetKind> All =
    [
        PostgresKind.Kind,
        RedisKind.Kind,
        KubernetesKind.Kind,
        FilesKind.Kind,
        GitKind.Kind,
        SecretKind.Kind,
    ];

    public static PlanType<ValueList<Asset>> Type { get; } = new("group of groups", [], ReadAll);

    public static void Write(Utf8JsonWriter json, Asset asset)
    {
        json.WriteStartObject(asset.Id.Value);
        json.WriteString("kind", asset.Kind);
        json.WriteText("about", asset.About);
        All.Single(kind => kind.Name == asset.Kind).Write(json, asset);
        json.WriteSpan("rpo", asset.Rpo);
        json.WriteSpan("rto", asset.Rto);
        json.WriteText("failureDomain", asset.FailureDomain);
        json.WriteEndObject();
    }

    private static ValueList<Asset> ReadAll(PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a group of assets", value.Node.Shape, value.Example));
            return [];
        }
        List<Asset> assets = [];
        Dictionary<string, string> slots = [];
        foreach (var entry in PlanMapping.Once(mapping, value))
        {
            value.Report.Note(value.Path, entry.Key.Text, entry.Key.At);
            if (!AssetId.TryParse(entry.Key.Text, out var id))
            {
                value.Report.Add(entry.Key.At, PlanProblems.AssetName(entry.Key.Text));
                continue;
            }
            var asset = Read(id, value.Child(entry.Value, entry.Key.Text));
            if (asset is not null)
                assets.Add(asset);
            if (asset is Asset.Postgres { Wal.Slot: { Length: > 0 } slot } && !slots.TryAdd(slot, id.Value))
                value.Report.Add(
                    entry.Key.At,
                    PlanProblems.SlotTwice($"{value.Path}.{id}", slot, $"{value.Path}.{slots[slot]}")
                );
        }
        return [.. assets];
    }

    /// <summary>The kind decides which keys there are, so it is looked up before the rest.</summary>
    private static Asset? Read(AssetId id, PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(
                PlanProblems.Type(value.Path, "a group of keys", value.Node.Shape, $"{id}: {AssetKeys.FilesExample}")
            );
            return null;
        }
        var written = mapping.Entries.FirstOrDefault(entry => entry.Key.Text == AssetKeys.Kind.Name)?.Value;
        if (written is not YamlNode.Scalar { IsNothing: false } name)
        {
            value.Report.Add(
                written?.At ?? value.Node.At,
                PlanProblems.MissingKey(value.Path, AssetKeys.Kind.Name, $"kind: {AssetKeys.Kind.Example}")
            );
            return null;
        }
        if (All.FirstOrDefault(kind => kind.Name == name.Text) is { } known)
            return Common(known, id, new PlanMapping(value, known.Sections[0]));
        value.Report.Add(name.At, PlanProblems.UnknownKind(value.Path, name.Text, AssetKeys.KindNames));
        return null;
    }

    private static Asset Common(AssetKind kind, AssetId id, PlanMapping keys) =>
        kind.Read(id, keys) with
        {
            About = keys.Get(AssetKeys.About),
            Rpo = keys.Get(AssetKeys.Rpo),
            Rto = keys.Get(AssetKeys.Rto),
            FailureDomain = keys.Get(AssetKeys.FailureDomain),
            Text = RunbookText.OfAsset(keys.Self.Node, kind.Sections[0]),
        };
}
