using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Git;

/// <summary><c>resurgam/snapshot.json</c> of a snapshot of repositories: what a restore and a verification have to know.</summary>
public sealed record GitRecord
{
    public const string Path = "resurgam/snapshot.json";

    /// <summary>Folder of a snapshot in which the repositories lie.</summary>
    public const string Folder = "git";

    public required string Asset { get; init; }

    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset StoppedAt { get; init; }

    /// <summary>By name.</summary>
    public required IReadOnlyList<RepositoryRecord> Repositories { get; init; }

    /// <summary>SHA-256 of the plan that asked for the snapshot.</summary>
    public string? PlanHash { get; init; }

    public RepositoryRecord? Find(string name) => Repositories.FirstOrDefault(each => each.Name == name);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, GitJson.Default.GitRecord);

    public static GitRecord Read(ReadOnlySpan<byte> json, string snapshot)
    {
        try
        {
            return JsonSerializer.Deserialize(json, GitJson.Default.GitRecord)
                ?? throw GitFormatProblems.NoRecord(snapshot);
        }
        catch (JsonException)
        {
            throw GitFormatProblems.NoRecord(snapshot);
        }
    }

    public static Problems.ResurgamException Missing(string snapshot) => GitFormatProblems.NoRecord(snapshot);
}

/// <summary>One repository of a snapshot.</summary>
public sealed record RepositoryRecord
{
    /// <summary>As <see cref="GitAddress.Name"/> has it.</summary>
    public required string Name { get; init; }

    public required string Address { get; init; }

    /// <summary>Content of the file <c>HEAD</c>: <c>ref: refs/heads/main</c>, or an id.</summary>
    public required string Head { get; init; }

    /// <summary><c>sha1</c> or <c>sha256</c>.</summary>
    public required string ObjectFormat { get; init; }

    public required int Refs { get; init; }

    /// <summary>As <see cref="GitRefs.Digest"/> has it.</summary>
    public required string RefsDigest { get; init; }

    /// <summary>When the repository was as it is here: before the snapshot, when it could not be reached then.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>Packs and their indexes, in bytes.</summary>
    public required long PackBytes { get; init; }

    /// <summary>It has no history before certain commits, since it has none where it came from.</summary>
    public bool IsShallow { get; init; }

    /// <summary>Number of large files that LFS keeps beside the repository.</summary>
    public int LargeFiles { get; init; }

    /// <summary>It was found by asking for all of an organisation's.</summary>
    public bool IsListed { get; init; }

    /// <summary>The organisation has it no longer; null as long as it has.</summary>
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>Its folder in the snapshot.</summary>
    [JsonIgnore]
    public string Folder => FolderOf(Name);

    public static string FolderOf(string name) => $"{GitRecord.Folder}/{name}.git";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(GitRecord))]
internal sealed partial class GitJson : JsonSerializerContext;
