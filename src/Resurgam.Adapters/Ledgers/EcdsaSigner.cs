using System.Security.Cryptography;
using Resurgam.Core.Ledgers;

namespace Resurgam.Adapters.Ledgers;

/// <summary>Signs with the base library's ECDSA on P-256. Not thread-safe.</summary>
public sealed class EcdsaSigner : ILedgerSigner, IDisposable
{
    private readonly ECDsa _pair;

    internal EcdsaSigner(ECDsa pair)
    {
        _pair = pair;
        Key =
            LedgerKey.TryImport(pair.ExportSubjectPublicKeyInfo())
            ?? throw new CryptographicException("it is no key of P-256");
    }

    public LedgerKey Key { get; }

    public byte[] Sign(ReadOnlySpan<byte> bytes) =>
        _pair.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => _pair.Dispose();
}

/// <summary>Makes signers of private keys that Core derives.</summary>
public sealed class EcdsaSigning : ILedgerSigning
{
    public ILedgerSigner FromPrivate(ReadOnlySpan<byte> scalar) =>
        new EcdsaSigner(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() }));
}
