using System.Text.Json;

namespace Resurgam.Core.Plans;

/// <summary>The keys of assets of kind <c>secret</c>: how they are read and written.</summary>
internal static class SecretAssetKeys
{
    public static readonly PlanKey<SecretSource> From = new("from", PlanReader.SecretType)
    {
        IsRequired = true,
        Example = "{ env: PHI_MASTER_KEY }",
        About = "Where it is found: `env`, `file` or `command`, as in `vault.secret`. Never the secret itself.",
    };

    public static readonly PlanSection Section = new(
        "assets.NAME (kind: secret)",
        "A key or password that other data cannot be read without: kept sealed; its absence and its change are findings.",
        [PlanKeys.Kind, From]
    );

    public static Asset.Secret Read(AssetId id, PlanValue value) =>
        new() { Id = id, From = new PlanMapping(value, Section).Get(From) };

    public static void Write(Utf8JsonWriter json, Asset.Secret asset) => PlanJson.WriteSecret(json, "from", asset.From);
}
