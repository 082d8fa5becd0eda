using Resurgam.Core.Plans.Sections;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>A key or password that other data cannot be read without.</summary>
internal static class SecretAssetKeys
{
    public static readonly PlanKey<SecretSource> From = new("from", SecretSection.Type)
    {
        IsRequired = true,
        Example = "{ env: PHI_MASTER_KEY }",
        About = "Where it is found: `env`, `file` or `command`, as in `vault.secret`. Never the secret itself.",
    };

    public static readonly PlanSection Section = AssetKeys.SectionOf(
        Asset.Secret.KindName,
        "A key or password that other data cannot be read without: kept sealed; its absence and its change are findings.",
        [From]
    );
}
