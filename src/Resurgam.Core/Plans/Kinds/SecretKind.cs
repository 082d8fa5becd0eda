using System.Text.Json;
using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes a secret that is kept.</summary>
internal static class SecretKind
{
    /// <summary>Not kept: the keys need the types of this class, and this needs the keys.</summary>
    public static AssetKind Kind => AssetKind.Of(Asset.Secret.KindName, [SecretAssetKeys.Section], Read, Write);

    private static Asset.Secret Read(AssetId id, PlanMapping keys) =>
        new() { Id = id, From = keys.Get(SecretAssetKeys.From) };

    private static void Write(Utf8JsonWriter json, Asset.Secret asset) => SecretSection.Write(json, "from", asset.From);
}
