using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Resurgam.Core.Values;

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
            WriteText(json, "state", plan.StateDirectory);
            json.WriteStartObject("vault");
            json.WriteString("store", plan.Vault.Store.Written);
            WriteSecret(json, "secret", plan.Vault.Secret);
            if (plan.Vault.S3 is { } s3)
                WriteS3(json, s3);
            json.WriteEndObject();
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

    private static void WriteS3(Utf8JsonWriter json, S3Place s3)
    {
        json.WriteStartObject("s3");
        WriteText(json, "endpoint", s3.Endpoint);
        json.WriteString("region", s3.Region);
        json.WriteBoolean("pathStyle", s3.IsPathStyle);
        if (s3.AccessKey is { } accessKey)
            WriteSecret(json, "accessKey", accessKey);
        if (s3.SecretKey is { } secretKey)
            WriteSecret(json, "secretKey", secretKey);
        if (s3.SessionToken is { } token)
            WriteSecret(json, "sessionToken", token);
        json.WriteEndObject();
    }

    internal static void WriteSecret(Utf8JsonWriter json, string name, SecretSource secret)
    {
        json.WriteStartObject(name);
        switch (secret)
        {
            case SecretSource.FromEnvironment(var variable):
                json.WriteString("env", variable);
                break;
            case SecretSource.FromFile(var path):
                json.WriteString("file", path);
                break;
            case SecretSource.FromCommand(var argv):
                WriteTexts(json, "command", argv);
                break;
            default:
                throw new UnreachableException($"no JSON is written for {secret}");
        }
        json.WriteEndObject();
    }

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
                WriteTexts(json, "exclude", files.Exclude);
                break;
            case Asset.Git git:
                GitKeys.Write(json, git);
                break;
            case Asset.Secret secret:
                SecretAssetKeys.Write(json, secret);
                break;
            default:
                throw new UnreachableException($"no JSON is written for {asset.Kind}");
        }
        json.WriteEndObject();
    }

    private static void WritePostgres(Utf8JsonWriter json, Asset.Postgres postgres)
    {
        json.WriteString("connection", postgres.Connection);
        WriteText(json, "dataDirectory", postgres.DataDirectory);
        WriteText(json, "binaries", postgres.Binaries);
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
            WriteText(json, "expect", question.Expect);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteRedis(Utf8JsonWriter json, Asset.Redis redis)
    {
        WriteText(json, "host", redis.Host);
        if (redis.Host is not null)
            json.WriteNumber("port", redis.Port);
        WriteText(json, "socket", redis.Socket);
        WriteText(json, "user", redis.User);
        if (redis.Password is { } password)
            WriteSecret(json, "password", password);
        if (redis.Tls is { } tls)
        {
            json.WriteStartObject("tls");
            WriteText(json, "caFile", tls.CaFile);
            WriteText(json, "certificate", tls.Certificate);
            WriteText(json, "key", tls.Key);
            json.WriteEndObject();
        }
        WriteText(json, "binaries", redis.Binaries);
        json.WriteStartObject("restore");
        json.WriteBoolean("startEmpty", redis.StartEmpty);
        if (redis.AppendOnly is { } appendOnly)
            json.WriteBoolean("appendOnly", appendOnly);
        json.WriteEndObject();
    }

    internal static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    internal static void WriteTexts(Utf8JsonWriter json, string name, ValueList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
