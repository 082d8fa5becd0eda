using System.Text.Json;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes where the vault lives.</summary>
internal static class VaultSection
{
    public static PlanType<VaultPlace> Type { get; } = new("group", None, Read);

    private static VaultPlace None => new() { Store = StoreAddress.Folder("/"), Secret = SecretSection.None };

    public static void Write(Utf8JsonWriter json, VaultPlace vault)
    {
        json.WriteStartObject("vault");
        json.WriteString("store", vault.Store.Written);
        SecretSection.Write(json, "secret", vault.Secret);
        if (vault.S3 is { } s3)
            S3Section.Write(json, s3);
        json.WriteEndObject();
    }

    private static VaultPlace Read(PlanValue value)
    {
        var keys = new PlanMapping(value, VaultKeys.Section);
        var store = keys.Get(VaultKeys.Store);
        if (store.Kind != StoreKind.S3 && keys.Has(VaultKeys.S3) && keys.Has(VaultKeys.Store))
            value.Report.Add(keys.MarkOf(VaultKeys.S3), PlanProblems.S3Needless(value.Path, store.Written));
        var section = keys.Get(VaultKeys.S3);
        return new VaultPlace
        {
            Store = store,
            Secret = keys.Get(VaultKeys.Secret),
            S3 =
                store.Kind == StoreKind.S3
                    ? S3Section.Read(section ?? PlanMapping.None(value, S3Keys.Section), value)
                    : null,
        };
    }
}
