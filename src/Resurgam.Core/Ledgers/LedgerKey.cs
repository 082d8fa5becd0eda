using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Resurgam.Core.Ledgers;

/// <summary>First 32 hexadecimal digits of the SHA-256 of a public key's SubjectPublicKeyInfo.</summary>
public readonly record struct LedgerKeyId(string Value)
{
    public const int Length = 32;

    /// <summary>For people.</summary>
    public string Short => Value[..8];

    public override string ToString() => Value;
}

/// <summary>The public half of an ECDSA P-256 key that signs entries. Thread-safe.</summary>
public sealed class LedgerKey
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The base library's objects are not thread-safe; as many as ever verified at once.</summary>
    private readonly ConcurrentBag<ECDsa> _verifiers = [];
    private readonly byte[] _publicInfo;

    private LedgerKey(byte[] publicInfo)
    {
        _publicInfo = publicInfo;
        Id = new LedgerKeyId(Convert.ToHexStringLower(SHA256.HashData(publicInfo))[..LedgerKeyId.Length]);
    }

    public LedgerKeyId Id { get; }

    /// <summary>SubjectPublicKeyInfo (RFC 5280) in DER: what <c>openssl ec -pubin -inform DER</c> reads.</summary>
    public ReadOnlyMemory<byte> PublicInfo => _publicInfo;

    public string PublicBase64 => Convert.ToBase64String(_publicInfo);

    /// <returns>Null unless it is the public half of a P-256 key.</returns>
    public static LedgerKey? TryImport(ReadOnlySpan<byte> publicInfo)
    {
        var verifier = ECDsa.Create();
        try
        {
            verifier.ImportSubjectPublicKeyInfo(publicInfo, out var read);
            if (read != publicInfo.Length || verifier.ExportParameters(false).Curve.Oid.Value != P256)
            {
                verifier.Dispose();
                return null;
            }
        }
        catch (CryptographicException)
        {
            verifier.Dispose();
            return null;
        }
        LedgerKey key = new(publicInfo.ToArray());
        key._verifiers.Add(verifier);
        return key;
    }

    /// <returns>Null unless it is base64 of the public half of a P-256 key.</returns>
    public static LedgerKey? TryImport(string base64)
    {
        Span<byte> bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? TryImport(bytes[..length]) : null;
    }

    /// <summary>The public half of a private scalar (32 bytes, big-endian).</summary>
    public static LedgerKey OfPrivate(ReadOnlySpan<byte> scalar)
    {
        using var pair = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() });
        return new LedgerKey(pair.ExportSubjectPublicKeyInfo());
    }

    /// <param name="signature">ASN.1 DER, as openssl makes and takes it.</param>
    public bool Verifies(ReadOnlySpan<byte> signedBytes, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signedBytes, hash);
        if (!_verifiers.TryTake(out var verifier))
        {
            verifier = ECDsa.Create();
            verifier.ImportSubjectPublicKeyInfo(_publicInfo, out _);
        }
        var isGood = verifier.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
        _verifiers.Add(verifier);
        return isGood;
    }
}
