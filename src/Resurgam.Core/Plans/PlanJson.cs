using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Resurgam.Core.Plans.Sections;

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
                WriteAsset(json, asset);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <returns>SHA-256 of <see cref="Canonical"/>, 64 lower-case hexadecimal digits.</returns>
    public static string HashOf(Plan plan) => Convert.ToHexStringLower(SHA256.HashData(Canonical(plan)));

    private static void WriteAsset(Utf8JsonWriter json, Asset asset)
    {
        json.WriteStartObject(asset.Id.Value);
        json.WriteString("kind", asset.Kind);
        switch (asset)
        {
            case Asset.Postgres postgres:
                WritePostgres(json, postgres);
                break;
            case Asset.Redis redis:
                WriteRedis(json, redis);
                break;
            case Asset.Files files:
                json.WriteString("path", files.Path);
                json.WriteTexts("exclude", files.Exclude);
                break;
            default:
                throw new UnreachableException($"no JSON is written for {asset.Kind}");
        }
        json.WriteEndObject();
    }

    private static void WritePostgres(Utf8JsonWriter json, Asset.Postgres postgres)
    {
        json.WriteString("connection", postgres.Connection);
        json.WriteText("dataDirectory", postgres.DataDirectory);
        json.WriteText("binaries", postgres.Binaries);
        if (postgres.MaxRate is { } rate)
            json.WriteNumber("maxRate", rate.Bytes);
        json.WriteStartObject("wal");
        json.WriteString("slot", postgres.Wal.Slot);
        json.WriteNumber("synchronousWait", postgres.Wal.SynchronousWait.TotalSeconds);
        json.WriteNumber("fragmentInterval", postgres.Wal.FragmentInterval.TotalSeconds);
        json.WriteNumber("fragmentSize", postgres.Wal.FragmentSize.Bytes);
        json.WriteEndObject();
        json.WriteStartArray("questions");
        foreach (var question in postgres.Questions)
        {
            json.WriteStartObject();
            json.WriteString("name", question.Name);
            json.WriteString("sql", question.Sql);
            json.WriteText("expect", question.Expect);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteRedis(Utf8JsonWriter json, Asset.Redis redis)
    {
        json.WriteText("host", redis.Host);
        if (redis.Host is not null)
            json.WriteNumber("port", redis.Port);
        json.WriteText("socket", redis.Socket);
        json.WriteText("user", redis.User);
        if (redis.Password is { } password)
            SecretSection.Write(json, "password", password);
        if (redis.Tls is { } tls)
        {
            json.WriteStartObject("tls");
            json.WriteText("caFile", tls.CaFile);
            json.WriteText("certificate", tls.Certificate);
            json.WriteText("key", tls.Key);
            json.WriteEndObject();
        }
        json.WriteText("binaries", redis.Binaries);
        json.WriteStartObject("restore");
        json.WriteBoolean("startEmpty", redis.StartEmpty);
        if (redis.AppendOnly is { } appendOnly)
            json.WriteBoolean("appendOnly", appendOnly);
        json.WriteEndObject();
    }
}
