using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Postgres;

/// <summary><c>resurgam/snapshot.json</c> of a PostgreSQL snapshot: what a restore and a verification have to know.</summary>
public sealed record PostgresRecord
{
    public const string Path = "resurgam/snapshot.json";

    public required string Asset { get; init; }

    /// <summary>As a string: JSON numbers end at 2^53.</summary>
    public required string SystemIdentifier { get; init; }

    /// <summary>150018 for 15.18.</summary>
    public required int ServerVersion { get; init; }

    public required uint Timeline { get; init; }

    /// <summary>Where replay begins.</summary>
    public required string StartLsn { get; init; }

    /// <summary>Where the cluster is consistent: the earliest recovery point of this snapshot.</summary>
    public required string StopLsn { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>By the server's clock, when the backup ended.</summary>
    public required DateTimeOffset StoppedAt { get; init; }

    public required int WalSegmentBytes { get; init; }
    public required bool HasDataChecksums { get; init; }

    /// <summary>The backup was taken from a standby.</summary>
    public required bool IsFromStandby { get; init; }

    /// <summary>Size of the chunks that relation files are cut into.</summary>
    public required int ChunkBytes { get; init; }

    /// <summary>Subtrees that large folders are spread over: <c>pgdata</c>, <c>pgdata.1</c> …</summary>
    public required int Shards { get; init; }

    /// <summary>Pages whose checksum was wrong twice, as <c>path block</c>; empty is good.</summary>
    public IReadOnlyList<string> DamagedPages { get; init; } = [];

    public IReadOnlyList<TablespaceRecord> Tablespaces { get; init; } = [];
    public IReadOnlyList<AnswerRecord> Answers { get; init; } = [];
    public IReadOnlyList<ConfigurationRecord> Configuration { get; init; } = [];

    /// <summary>SHA-256 of the plan that asked for the snapshot.</summary>
    public string? PlanHash { get; init; }

    [JsonIgnore]
    public int MajorVersion => ServerVersion / 10000;

    [JsonIgnore]
    public Lsn Start => Lsn.Parse(StartLsn);

    [JsonIgnore]
    public Lsn Stop => Lsn.Parse(StopLsn);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, PostgresJson.Default.PostgresRecord);

    public static PostgresRecord Read(ReadOnlySpan<byte> json, string snapshot)
    {
        try
        {
            return JsonSerializer.Deserialize(json, PostgresJson.Default.PostgresRecord)
                ?? throw PostgresFormatProblems.NoRecord(snapshot);
        }
        catch (JsonException)
        {
            throw PostgresFormatProblems.NoRecord(snapshot);
        }
    }
}

/// <param name="Location">Where the server had it.</param>
public sealed record TablespaceRecord(uint Oid, string Location);

/// <summary>What a question of the plan was answered with just before the backup, and just after it.</summary>
public sealed record AnswerRecord(string Name, string Sql, string? Before, string? After)
{
    /// <summary>Why there is no answer, as the server said it; null: there is one, which may be null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <param name="Name">Name of the file in <c>resurgam/config/</c>.</param>
/// <param name="Source">Where it lay, outside of the data directory.</param>
public sealed record ConfigurationRecord(string Name, string Source);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PostgresRecord))]
internal sealed partial class PostgresJson : JsonSerializerContext;
