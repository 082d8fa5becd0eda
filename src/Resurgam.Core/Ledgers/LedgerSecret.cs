using System.Security.Cryptography;
using Resurgam.Core.Compression;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Ledgers;

/// <summary>What the vault's key gives the ledger: the seal of its objects, and the vault's own signing key. Thread-safe.</summary>
/// <remarks>
/// Both are derived, so that a machine with the vault and its secret alone can read the ledger, introduce its own
/// key and write on. Derivations: docs/formats/ledger.md.
/// </remarks>
public sealed class LedgerSecret
{
    private const byte Compressed = 2;
    private const byte Plain = 1;
    private const int Level = 3;

    /// <summary>Most plain bytes of an object: a segment of entries of ordinary length has a hundredth of it.</summary>
    private const int MaxPlainBytes = 256 << 20;

    [ThreadStatic]
    private static ZstdCompressor? t_compressor;

    [ThreadStatic]
    private static ZstdDecompressor? t_decompressor;

    private readonly SealingKey _seal;
    private readonly byte[] _ivKey;
    private readonly byte[] _scalar;

    public LedgerSecret(SealingKey vaultKey)
    {
        byte[] master = [.. vaultKey.Encrypt, .. vaultKey.MacK, .. vaultKey.MacR];
        var encrypt = HMACSHA256.HashData(master, "resurgam ledger seal 1"u8);
        var mac = HMACSHA256.HashData(master, "resurgam ledger tag 1"u8);
        _seal = new SealingKey(encrypt, mac.AsSpan(0, 16), mac.AsSpan(16));
        _ivKey = HMACSHA256.HashData(master, "resurgam ledger iv 1"u8);
        _scalar = DeriveScalar(master);
        Root = LedgerKey.OfPrivate(_scalar);
    }

    /// <summary>The vault's own key: it vouches for the keys of machines, and signs nothing else.</summary>
    public LedgerKey Root { get; }

    public ILedgerSigner OpenRoot(ILedgerSigning signing) => signing.FromPrivate(_scalar);

    /// <summary>The same bytes always give the same object (the IV is a keyed hash, as in RFC 5297), so that one sent again is recognised.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain)
    {
        var content = new byte[1 + ZstdCompressor.BoundFor(plain.Length)];
        var compressor = t_compressor ??= new ZstdCompressor(Level);
        var length = compressor.Compress(plain, content.AsSpan(1));
        content[0] = Compressed;
        if (length >= plain.Length)
        {
            content[0] = Plain;
            plain.CopyTo(content.AsSpan(1));
            length = plain.Length;
        }
        Span<byte> iv = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_ivKey, content.AsSpan(0, 1 + length), iv);
        var sealedBytes = new byte[1 + length + SealingKey.OverheadBytes];
        _seal.Seal(content.AsSpan(0, 1 + length), iv[..SealingKey.IvBytes], sealedBytes);
        return sealedBytes;
    }

    /// <returns>Null when it is damaged, or sealed by another vault.</returns>
    public byte[]? TryOpen(ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length <= SealingKey.OverheadBytes)
            return null;
        var content = new byte[sealedBytes.Length - SealingKey.OverheadBytes];
        if (!_seal.TryOpen(sealedBytes, content))
            return null;
        return content[0] switch
        {
            Plain => content[1..],
            Compressed => TryInflate(content.AsSpan(1)),
            _ => null,
        };
    }

    private static byte[]? TryInflate(ReadOnlySpan<byte> frame)
    {
        try
        {
            var decompressor = t_decompressor ??= new ZstdDecompressor();
            using MemoryStream plain = new();
            var buffer = new byte[1 << 16];
            while (true)
            {
                var isAtEnd = decompressor.DecompressSome(frame, buffer, out var consumed, out var written);
                frame = frame[consumed..];
                plain.Write(buffer.AsSpan(0, written));
                if (isAtEnd && frame.IsEmpty)
                    return plain.ToArray();
                if ((consumed == 0 && written == 0) || plain.Length > MaxPlainBytes)
                    return null;
            }
        }
        catch (ZstdException)
        {
            t_decompressor = null; // it stopped in the middle of a frame
            return null;
        }
    }

    /// <summary>The first of HMAC(master, label, 0), HMAC(master, label, 1), … that is a private key of P-256: the first one, as good as always.</summary>
    private static byte[] DeriveScalar(byte[] master)
    {
        // The order of the group: FIPS 186-5, section 3.2.1.3 of SP 800-186.
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        for (byte attempt = 0; ; attempt++)
        {
            var scalar = HMACSHA256.HashData(master, (byte[])[.. "resurgam ledger root 1"u8, attempt]);
            if (scalar.AsSpan().SequenceCompareTo(order) < 0 && scalar.AsSpan().ContainsAnyExcept((byte)0))
                return scalar;
        }
    }
}
