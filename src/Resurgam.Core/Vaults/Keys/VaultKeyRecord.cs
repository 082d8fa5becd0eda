using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>What the vault knows of a way of unlocking, sealed with its key: enough to give new generations a key file for it.</summary>
/// <remarks>It holds what the password stands for and not the password: who opens the vault learns no passphrase of another.</remarks>
internal sealed record VaultKeyRecord
{
    public const string Prefix = "key-records/";

    public required string Name { get; init; }

    /// <summary>The file in <c>keys/</c>, as it is; its salt and cost are those of the way's files everywhere.</summary>
    public required byte[] File { get; init; }

    /// <summary>The key that scrypt makes of the password: 32, 16 and 16 bytes.</summary>
    public required byte[] User { get; init; }

    [JsonIgnore]
    public string Id => BlobId.Of(File).Hex;

    public static VaultKeyRecord Create(string name, byte[] file, SealingKey user) =>
        new()
        {
            Name = name,
            File = file,
            User = [.. user.Encrypt, .. user.MacK, .. user.MacR],
        };

    public KeyDocument ReadFile() => KeyDocument.Read(File);

    public SealingKey OpenUser() => new(User.AsSpan(0, 32), User.AsSpan(32, 16), User.AsSpan(48, 16));

    public byte[] Seal(SealingKey vaultKey, IEntropy entropy)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(this, VaultKeyJson.Default.VaultKeyRecord);
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        entropy.Fill(iv);
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        vaultKey.Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    /// <returns>Null when it is damaged, or sealed by another vault's key.</returns>
    public static VaultKeyRecord? TryOpen(ReadOnlySpan<byte> sealedBytes, SealingKey vaultKey)
    {
        if (sealedBytes.Length < SealingKey.OverheadBytes)
            return null;
        var plain = new byte[sealedBytes.Length - SealingKey.OverheadBytes];
        if (!vaultKey.TryOpen(sealedBytes, plain))
            return null;
        try
        {
            return JsonSerializer.Deserialize(plain, VaultKeyJson.Default.VaultKeyRecord) is { User.Length: 64 } record
                ? record
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VaultKeyRecord))]
internal sealed partial class VaultKeyJson : JsonSerializerContext;
