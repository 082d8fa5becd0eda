namespace Resurgam.Core.Ledgers;

/// <summary>The private half of a key. Outside of Core, because a signature takes chance.</summary>
public interface ILedgerSigner
{
    LedgerKey Key { get; }

    /// <returns>ECDSA with SHA-256, ASN.1 DER.</returns>
    byte[] Sign(ReadOnlySpan<byte> bytes);
}

/// <summary>Makes signers.</summary>
public interface ILedgerSigning
{
    /// <param name="scalar">Private scalar of P-256, 32 bytes, big-endian.</param>
    ILedgerSigner FromPrivate(ReadOnlySpan<byte> scalar);
}

/// <summary>Who writes entries on this machine.</summary>
/// <param name="Actor"><c>user@host</c>.</param>
/// <param name="Program">Name and version: <c>resurgam 0.1.0</c>.</param>
/// <param name="Node">This machine's key.</param>
/// <param name="Signing">Makes a signer of the vault's own key when a key has to be introduced.</param>
public sealed record LedgerAuthor(string Actor, string Program, ILedgerSigner Node, ILedgerSigning Signing);
