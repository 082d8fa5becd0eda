namespace Resurgam.Core.Vaults.Sealing;

/// <summary>A restic v2 master key. Seals as <c>IV (16) || AES-256-CTR ciphertext || Poly1305-AES tag (16)</c>.</summary>
/// <remarks>Thread-safe. Source: restic's design document, "Keys, Encryption and MAC".</remarks>
public sealed class SealingKey
{
    /// <summary>How much longer sealed bytes are than plain ones.</summary>
    public const int OverheadBytes = 32;

    public const int IvBytes = 16;

    private readonly byte[] _encrypt;
    private readonly byte[] _macK;
    private readonly byte[] _macR;

    /// <param name="encrypt">AES-256 key, 32 bytes.</param>
    /// <param name="macK">AES-128 key of the tag's nonce, 16 bytes.</param>
    /// <param name="macR">Poly1305 multiplier, 16 bytes, clamped or not.</param>
    public SealingKey(ReadOnlySpan<byte> encrypt, ReadOnlySpan<byte> macK, ReadOnlySpan<byte> macR)
    {
        _encrypt = encrypt.ToArray();
        _macK = macK.ToArray();
        _macR = macR.ToArray();
    }

    /// <summary>Seals <paramref name="plain"/> into <paramref name="sealedBytes"/>, which is 32 bytes longer.</summary>
    /// <param name="iv">16 bytes that are never used twice with this key; not all zero.</param>
    public void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> iv, Span<byte> sealedBytes) =>
        throw new NotSupportedException();

    /// <summary>Checks the tag, then opens into <paramref name="plain"/>, which is 32 bytes shorter.</summary>
    /// <returns>False when the tag does not match; <paramref name="plain"/> is then untouched.</returns>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, Span<byte> plain) => throw new NotSupportedException();

    public ReadOnlySpan<byte> Encrypt => _encrypt;

    public ReadOnlySpan<byte> MacK => _macK;

    public ReadOnlySpan<byte> MacR => _macR;

    /// <summary>A new key from unpredictable bytes.</summary>
    public static SealingKey Create(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[64];
        entropy.Fill(bytes);
        return new SealingKey(bytes[..32], bytes[32..48], bytes[48..]);
    }

    /// <summary>The key that a password stands for: scrypt to 64 bytes, then encrypt, k, r.</summary>
    public static SealingKey FromPassword(string password, ReadOnlySpan<byte> salt, int n, int r, int p) =>
        throw new NotSupportedException();
}
