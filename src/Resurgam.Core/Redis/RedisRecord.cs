using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Redis;

/// <summary><c>resurgam/snapshot.json</c> of a Redis snapshot: what a restore and a verification have to know.</summary>
public sealed record RedisRecord
{
    public const string Path = "resurgam/snapshot.json";

    public required string Asset { get; init; }

    /// <summary><c>redis</c> or <c>valkey</c>.</summary>
    public required string Program { get; init; }

    /// <summary><c>7.0.15</c></summary>
    public required string ServerVersion { get; init; }

    /// <summary>The snapshot was taken from a replica.</summary>
    public required bool IsFromReplica { get; init; }

    /// <summary>The history that <see cref="Offset"/> counts in.</summary>
    public required string ReplicationId { get; init; }

    /// <summary>Where in that history the snapshot stands, in bytes.</summary>
    public required long Offset { get; init; }

    /// <summary>Just before the server was asked: nothing that was written before is missing.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset StoppedAt { get; init; }

    public required long RdbBytes { get; init; }

    /// <summary>16 hexadecimal digits; null when the server has checksums turned off.</summary>
    public string? RdbChecksum { get; init; }

    /// <summary>The snapshot holds append-only files, too: a server with <c>appendonly yes</c> reads only those.</summary>
    public required bool HasAppendOnly { get; init; }

    /// <summary>Null when the RDB holds something that is not known, and could not be counted.</summary>
    public IReadOnlyList<DatabaseRecord>? Databases { get; init; }

    public int Functions { get; init; }

    /// <summary>Some keys, chosen by chance, and what they held.</summary>
    public IReadOnlyList<SampleRecord> Samples { get; init; } = [];

    /// <summary>SHA-256 of the plan that asked for the snapshot.</summary>
    public string? PlanHash { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, RedisJson.Default.RedisRecord);

    public static RedisRecord Read(ReadOnlySpan<byte> json, string snapshot)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RedisJson.Default.RedisRecord)
                ?? throw RedisFormatProblems.NoRecord(snapshot);
        }
        catch (JsonException)
        {
            throw RedisFormatProblems.NoRecord(snapshot);
        }
    }

    public static Problems.ResurgamException Missing(string snapshot) => RedisFormatProblems.NoRecord(snapshot);
}

/// <param name="Expiring">How many of the keys have a time to live.</param>
public sealed record DatabaseRecord(long Database, long Keys, long Expiring);

/// <param name="Key">Its bytes.</param>
/// <param name="Type">The byte that says how an RDB has the value.</param>
/// <param name="Digest">As <see cref="RdbDigest"/> has it.</param>
/// <param name="ExpiresAtMs">Unix time in milliseconds; null: never.</param>
public sealed record SampleRecord(long Database, byte[] Key, byte Type, string Digest, long? ExpiresAtMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RedisRecord))]
internal sealed partial class RedisJson : JsonSerializerContext;
