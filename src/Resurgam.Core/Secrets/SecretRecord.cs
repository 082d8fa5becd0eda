using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Secrets;

/// <summary><c>resurgam/snapshot.json</c> of a snapshot of a secret. It says everything of it but the secret itself.</summary>
public sealed record SecretRecord
{
    public const string Path = "resurgam/snapshot.json";

    /// <summary>Folder of a snapshot that holds the secret, in a file with the asset's name.</summary>
    public const string Folder = "secret";

    public required string Asset { get; init; }

    /// <summary>Where it was found, in words: <c>environment variable PHI_MASTER_KEY</c>.</summary>
    public required string Source { get; init; }

    /// <summary>As <see cref="Vaults.Vault.DigestOf"/> has it: equal only for the same secret in the same vault.</summary>
    public required string Digest { get; init; }

    /// <summary>When the source last had it: before the snapshot, when it was absent then.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>SHA-256 of the plan that asked for the snapshot.</summary>
    public string? PlanHash { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, SecretJson.Default.SecretRecord);

    public static SecretRecord Read(ReadOnlySpan<byte> json, string snapshot)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SecretJson.Default.SecretRecord)
                ?? throw SecretFormatProblems.NoRecord(snapshot);
        }
        catch (JsonException)
        {
            throw SecretFormatProblems.NoRecord(snapshot);
        }
    }

    public static Problems.ResurgamException Missing(string snapshot) => SecretFormatProblems.NoRecord(snapshot);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(SecretRecord))]
internal sealed partial class SecretJson : JsonSerializerContext;
