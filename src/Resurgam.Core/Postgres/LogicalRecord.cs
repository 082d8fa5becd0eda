using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Postgres;

/// <summary><c>resurgam/snapshot.json</c> of a logical snapshot (docs/formats/postgres-logical.md).</summary>
public sealed record LogicalRecord
{
    public const string Path = "resurgam/snapshot.json";
    public const string GlobalsPath = "globals.sql";
    public const string DatabaseFolder = "databases";

    public required string Asset { get; init; }

    /// <summary>150018 for 15.18.</summary>
    public required int ServerVersion { get; init; }

    /// <summary>Major version of the <c>pg_dump</c> that wrote the dumps: what reads them must not be older.</summary>
    public required int DumpMajor { get; init; }

    public required bool IsFromStandby { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset StoppedAt { get; init; }

    /// <summary>False: the role may not read them, and roles come back without a password.</summary>
    public required bool HasRolePasswords { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];
    public IReadOnlyList<LogicalDatabase> Databases { get; init; } = [];

    /// <summary>Where <see cref="Answers"/> were given.</summary>
    public required string QuestionDatabase { get; init; }

    /// <summary>Asked inside the transaction that the dump of that database reads: <c>Before</c> and <c>After</c> are the same.</summary>
    public IReadOnlyList<AnswerRecord> Answers { get; init; } = [];

    public string? PlanHash { get; init; }

    [JsonIgnore]
    public int MajorVersion => ServerVersion / 10000;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, LogicalJson.Default.LogicalRecord);

    public static LogicalRecord Read(ReadOnlySpan<byte> json, string snapshot)
    {
        try
        {
            return JsonSerializer.Deserialize(json, LogicalJson.Default.LogicalRecord)
                ?? throw PostgresFormatProblems.NoLogicalRecord(snapshot);
        }
        catch (JsonException)
        {
            throw PostgresFormatProblems.NoLogicalRecord(snapshot);
        }
    }
}

/// <summary>One database, and what a restored copy of it is held against.</summary>
public sealed record LogicalDatabase
{
    public required string Name { get; init; }

    /// <summary>Path of its dump in the snapshot.</summary>
    public required string File { get; init; }

    public required string Owner { get; init; }
    public required string Encoding { get; init; }
    public required string Collation { get; init; }
    public required string CharacterType { get; init; }

    /// <summary><c>c</c>, <c>i</c> or <c>b</c>; null before PostgreSQL 15.</summary>
    public string? LocaleProvider { get; init; }

    /// <summary>Of the providers <c>i</c> and <c>b</c>.</summary>
    public string? Locale { get; init; }

    public string? Comment { get; init; }

    /// <summary>Settings and grants of the database itself, as SQL with <see cref="DatabaseMark"/> for its name.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];

    /// <summary>Databases with the same number are of one moment of the server: no transaction is in one and not in another.</summary>
    public required int Moment { get; init; }

    /// <summary>What its dump sees, as <c>pg_current_snapshot()</c> told it.</summary>
    public required string Sees { get; init; }

    public required string Lsn { get; init; }

    /// <summary>By the server's clock, just after the moment.</summary>
    public required DateTimeOffset At { get; init; }

    public long DumpBytes { get; init; }
    public IReadOnlyList<LogicalTable> Tables { get; init; } = [];
    public required LogicalCounts Counts { get; init; }

    public const string DatabaseMark = "{database}";
}

/// <param name="Rows">All of them.</param>
/// <param name="OneIn">1: the digest is of every row; n: of the rows whose key falls into one of n parts; 0: there is none.</param>
/// <param name="Digest">Sum over the rows of the first 60 bits of the MD5 of their text, which no order changes.</param>
public sealed record LogicalTable(string Schema, string Name, long Rows, int OneIn, string Digest)
{
    public string FullName => $"{Schema}.{Name}";
}

/// <param name="Constraints">Of tables; those of partitions that their parent made are not counted.</param>
/// <param name="Unvalidated">Of these: <c>NOT VALID</c>.</param>
public sealed record LogicalCounts(long Constraints, long Unvalidated, long InvalidIndexes, long LargeObjects);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LogicalRecord))]
internal sealed partial class LogicalJson : JsonSerializerContext;
