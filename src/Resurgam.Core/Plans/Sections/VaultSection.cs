using System.Text.Json;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes where the vault lives.</summary>
internal static class VaultSection
{
    public static PlanType<VaultPlace> Type { get; } = new("group", None, Read);

    private static VaultPlace None =>
        new()
        {
            Primary = new StorePlace { Store = StoreAddress.Folder("/") },
            Secret = SecretSection.None,
        };

    public static void Write(Utf8JsonWriter json, VaultPlace vault)
    {
        json.WriteStartObject("vault");
        json.WriteString("store", vault.Store.Written);
        SecretSection.Write(json, "secret", vault.Secret);
        PlaceSection.Write(json, vault.Primary);
        ReplicaSection.Write(json, vault.Replicas);
        json.WriteSpan("scrubWithin", vault.ScrubWithin);
        json.WriteSpan("offlineWithin", vault.OfflineWithin);
        json.WriteEndObject();
    }

    private static VaultPlace Read(PlanValue value)
    {
        var keys = new PlanMapping(value, VaultKeys.Section);
        VaultPlace vault = new()
        {
            Primary = PlaceSection.Read(keys, value),
            Secret = keys.Get(VaultKeys.Secret),
            Replicas = keys.Get(VaultKeys.Replicas),
            ScrubWithin = keys.Get(VaultKeys.ScrubWithin),
            OfflineWithin = keys.Get(VaultKeys.OfflineWithin),
        };
        ReplicaSection.CheckApart(vault.Primary, vault.Replicas, keys);
        return vault;
    }
}
