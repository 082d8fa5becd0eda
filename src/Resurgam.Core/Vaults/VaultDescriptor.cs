using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Vaults;

/// <summary><c>resurgam.json</c>: what anyone may know of a vault. Never changed.</summary>
public sealed record VaultDescriptor
{
    public const string Key = "resurgam.json";
    public const int CurrentFormat = 1;

    /// <summary>Format of the vault.</summary>
    [JsonPropertyName("resurgam")]
    public required int Format { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>SHA-256 of a label and the vault key: tells a key file of this vault from a stray one.</summary>
    public required string KeyCheck { get; init; }

    /// <summary>
    /// Public half of the vault's own signing key (SubjectPublicKeyInfo, base64), which vouches for the keys in the ledger.
    /// A vault that is older than ledgers names none here: it follows from the vault's key all the same.
    /// </summary>
    public required IReadOnlyList<string> SigningKeys { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, VaultJson.Default.VaultDescriptor);

    /// <exception cref="Problems.ResurgamException">It is damaged, or its format is newer than we know.</exception>
    public static VaultDescriptor Read(ReadOnlySpan<byte> json, string store)
    {
        try
        {
            var descriptor =
                JsonSerializer.Deserialize(json, VaultJson.Default.VaultDescriptor)
                ?? throw VaultProblems.Damaged(Key, "it is empty");
            return descriptor.Format is > 0 and <= CurrentFormat
                ? descriptor
                : throw VaultProblems.NewerFormat(store, descriptor.Format);
        }
        catch (JsonException e)
        {
            throw VaultProblems.Damaged(Key, e.Message);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(VaultDescriptor))]
internal sealed partial class VaultJson : JsonSerializerContext;
