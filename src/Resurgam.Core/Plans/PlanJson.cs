using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Resurgam.Core.Plans.Kinds;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Plans;

/// <summary>A plan as canonical JSON: one text for one content.</summary>
/// <remarks>
/// Members in the order below, no white space, defaults written out, what is absent left out, durations in seconds, sizes
/// in bytes, the store as written (so that a plan keeps its identity when its folder moves). The order of assets does not count.
/// </remarks>
public static class PlanJson
{
    /// <returns>UTF-8.</returns>
    public static byte[] Canonical(Plan plan)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("resurgam", 1);
            json.WriteString("name", plan.Name);
            json.WriteText("state", plan.StateDirectory);
            VaultSection.Write(json, plan.Vault);
            json.WriteStartObject("assets");
            foreach (var asset in plan.Assets.OrderBy(asset => asset.Id.Value, StringComparer.Ordinal))
                AssetKinds.Write(json, asset);
            json.WriteEndObject();
            RunbookText.Write(json, plan);
            WriteDocument(json, plan);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What says how the plan is lived. Absent parts are left out, so that they change no hash of a plan without them.</summary>
    private static void WriteDocument(Utf8JsonWriter json, Plan plan)
    {
        WriteGroup(json, "document", plan.Document, DocumentSection.Write);
        WriteGroup(json, "objectives", plan.Objectives, ObjectiveSection.Write);
        RecoverySetSection.Write(json, plan.RecoverySets);
        ScheduleSection.Write(json, plan.Schedules);
        WriteGroup(json, "retention", plan.Retention, RetentionSection.Write);
        ServiceSection.Write(json, plan);
        ScenarioSection.Write(json, plan);
        PeopleSection.Write(json, plan);
        IncidentSection.Write(json, plan);
    }

    private static void WriteGroup<T>(Utf8JsonWriter json, string name, T? group, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (group is null)
            return;
        json.WriteStartObject(name);
        write(json, group);
        json.WriteEndObject();
    }

    /// <returns>SHA-256 of <see cref="Canonical"/>, 64 lower-case hexadecimal digits.</returns>
    public static string HashOf(Plan plan) => Convert.ToHexStringLower(SHA256.HashData(Canonical(plan)));
}
