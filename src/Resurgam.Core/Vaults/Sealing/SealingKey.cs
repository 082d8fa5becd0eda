using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using System.Text;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Sealing;

/// <summary>A restic v2 master key. Seals as <c>IV (16) || AES-256-CTR ciphertext || Poly1305-AES tag (16)</c>.</summary>
/// <remarks>
/// Thread-safe. Source: restic's design document, "Keys, Encryption and MAC". The tag covers the ciphertext alone; the IV
/// enters it as its nonce. Why this is code of ours: docs/adr/0002-sealing-and-scrypt-of-our-own.md.
/// </remarks>
public sealed class SealingKey
{
    /// <summary>How much longer sealed bytes are than plain ones.</summary>
    public const int OverheadBytes = 32;

    public const int IvBytes = 16;

    /// <summary>Encrypted and authenticated at a time, so that the tag finds the ciphertext still in the first cache.</summary>
    private const int PieceBytes = 16 * 1024;

    private readonly byte[] _encrypt;
    private readonly byte[] _macK;
    private readonly byte[] _macR;
    private readonly AesCtr _cipher;
    private readonly AesRoundKeys? _nonceKeys;
    private readonly Poly1305 _poly;

    /// <param name="encrypt">AES-256 key, 32 bytes.</param>
    /// <param name="macK">AES-128 key of the tag's nonce, 16 bytes.</param>
    /// <param name="macR">Poly1305 multiplier, 16 bytes, clamped or not.</param>
    /// <exception cref="ResurgamException"><c>vault-key-unusable</c>: one of them is all zero.</exception>
    public SealingKey(ReadOnlySpan<byte> encrypt, ReadOnlySpan<byte> macK, ReadOnlySpan<byte> macR)
        : this(encrypt, macK, macR, portable: false) { }

    internal SealingKey(ReadOnlySpan<byte> encrypt, ReadOnlySpan<byte> macK, ReadOnlySpan<byte> macR, bool portable)
    {
        RequireLength(encrypt, 32, nameof(encrypt));
        RequireLength(macK, 16, nameof(macK));
        RequireLength(macR, 16, nameof(macR));
        if (!encrypt.ContainsAnyExcept((byte)0))
            throw SealingProblems.KeyIsZero("encryption key");
        if (!macK.ContainsAnyExcept((byte)0))
            throw SealingProblems.KeyIsZero("authentication key k");
        if (Poly1305.Clamp(macR) == UInt128.Zero)
            throw SealingProblems.KeyIsZero("authentication key r");

        _encrypt = encrypt.ToArray();
        _macK = macK.ToArray();
        _macR = macR.ToArray();
        _cipher = new AesCtr(encrypt, portable);
        _nonceKeys = AesRoundKeys.AreSupported && !portable ? AesRoundKeys.Expand128(macK) : null;
        _poly = new Poly1305(macR, portable);
    }

    /// <summary>Seals <paramref name="plain"/> into <paramref name="sealedBytes"/>, which is 32 bytes longer.</summary>
    /// <param name="plain">May be empty. It may lie just where its ciphertext goes; any other overlap is an error.</param>
    /// <param name="iv">16 bytes that are never used twice with this key; not all zero.</param>
    /// <param name="sealedBytes">Takes the IV, the ciphertext and the tag.</param>
    public void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> iv, Span<byte> sealedBytes)
    {
        RequireLength(iv, IvBytes, nameof(iv));
        RequireLength(sealedBytes, plain.Length + OverheadBytes, nameof(sealedBytes));
        Require.That(iv.ContainsAnyExcept((byte)0), "no IV is all zero: the source of chance does not work");

        iv.CopyTo(sealedBytes);
        var cipher = sealedBytes.Slice(IvBytes, plain.Length);
        var counter = BinaryPrimitives.ReadUInt128BigEndian(iv);
        Poly1305.Accumulator sum = default;
        while (plain.Length > PieceBytes)
        {
            counter = _cipher.Transform(plain[..PieceBytes], cipher[..PieceBytes], counter);
            _poly.Absorb(ref sum, cipher[..PieceBytes]);
            plain = plain[PieceBytes..];
            cipher = cipher[PieceBytes..];
        }
        _cipher.Transform(plain, cipher, counter);
        FinishTag(ref sum, cipher, iv, sealedBytes[^Poly1305.TagBytes..]);
    }

    /// <summary>Checks the tag, then opens into <paramref name="plain"/>, which is 32 bytes shorter.</summary>
    /// <returns>
    /// False when the tag does not match, the IV is all zero or there are fewer than 32 bytes; <paramref name="plain"/>
    /// is then untouched.
    /// </returns>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, Span<byte> plain)
    {
        if (sealedBytes.Length < OverheadBytes)
            return false;
        RequireLength(plain, sealedBytes.Length - OverheadBytes, nameof(plain));

        var iv = sealedBytes[..IvBytes];
        var cipher = sealedBytes[IvBytes..^Poly1305.TagBytes];
        Span<byte> tag = stackalloc byte[Poly1305.TagBytes];
        Poly1305.Accumulator sum = default;
        FinishTag(ref sum, cipher, iv, tag);
        if (
            !CryptographicOperations.FixedTimeEquals(tag, sealedBytes[^Poly1305.TagBytes..])
            || !iv.ContainsAnyExcept((byte)0)
        )
            return false;

        _cipher.Transform(cipher, plain, BinaryPrimitives.ReadUInt128BigEndian(iv));
        return true;
    }

    public ReadOnlySpan<byte> Encrypt => _encrypt;

    public ReadOnlySpan<byte> MacK => _macK;

    public ReadOnlySpan<byte> MacR => _macR;

    /// <summary>A new key from unpredictable bytes.</summary>
    public static SealingKey Create(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[64];
        entropy.Fill(bytes);
        return From64(bytes);
    }

    /// <summary>The key that a password stands for: scrypt to 64 bytes, then encrypt, k, r.</summary>
    /// <exception cref="ResurgamException"><c>vault-key-cost</c>: see <see cref="Scrypt.DeriveKey"/>.</exception>
    public static SealingKey FromPassword(string password, ReadOnlySpan<byte> salt, int n, int r, int p)
    {
        Span<byte> bytes = stackalloc byte[64];
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(password), salt, n, r, p, bytes);
        return From64(bytes);
    }

    private static SealingKey From64(Span<byte> bytes)
    {
        SealingKey key = new(bytes[..32], bytes[32..48], bytes[48..]);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private void FinishTag(
        ref Poly1305.Accumulator sum,
        ReadOnlySpan<byte> cipher,
        ReadOnlySpan<byte> iv,
        Span<byte> tag
    )
    {
        Span<byte> nonce = stackalloc byte[IvBytes];
        if (_nonceKeys is not null)
        {
            _nonceKeys.Encrypt(Vector128.Create(iv)).CopyTo(nonce);
        }
        else
        {
            using var aes = Aes.Create();
            aes.SetKey(_macK);
            aes.EncryptEcb(iv, nonce, PaddingMode.None);
        }
        _poly.Finish(ref sum, cipher, nonce, tag);
    }

    private static void RequireLength(ReadOnlySpan<byte> bytes, int lengthBytes, string name)
    {
        if (bytes.Length != lengthBytes)
            throw new ArgumentException($"{lengthBytes} bytes are needed, not {bytes.Length}", name);
    }
}
