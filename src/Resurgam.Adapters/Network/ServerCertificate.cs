using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Resurgam.Adapters.Network;

/// <summary>What can be wrong with the certificate that a server shows.</summary>
internal enum CertificateFault
{
    Absent,
    NotTrusted,
    NotInTime,
    OtherName,
}

/// <param name="What">In words, with the values.</param>
internal sealed record CertificateRefusal(CertificateFault Fault, string What);

/// <summary>Judges the certificate that a server shows.</summary>
internal static class ServerCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <param name="shown">The server's own.</param>
    /// <param name="sent">With its issuers, as far as the server sent them.</param>
    /// <param name="roots">Whom we trust; null: whom the system trusts.</param>
    /// <param name="host">Whose it has to be; null: anybody's.</param>
    /// <returns>Null when it is good.</returns>
    public static CertificateRefusal? Judge(
        X509Certificate? shown,
        X509Chain? sent,
        X509Certificate2Collection? roots,
        string? host
    )
    {
        if (shown is not X509Certificate2 certificate)
            return new CertificateRefusal(CertificateFault.Absent, "the server showed no certificate");
        using var chain = ChainTo(roots);
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(element => element.Certificate).ToArray());
        if (!chain.Build(certificate))
            return OfChain(certificate, chain);
        return host is not null && !certificate.MatchesHostname(host)
            ? new CertificateRefusal(
                CertificateFault.OtherName,
                $"its certificate '{certificate.Subject}' is not for '{host}'"
            )
            : null;
    }

    private static X509Chain ChainTo(X509Certificate2Collection? roots)
    {
        X509Chain chain = new();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (roots is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        }
        return chain;
    }

    private static CertificateRefusal OfChain(X509Certificate2 certificate, X509Chain chain)
    {
        var isOnlyLate = Array.TrueForAll(chain.ChainStatus, each => each.Status == X509ChainStatusFlags.NotTimeValid);
        if (isOnlyLate)
        {
            var late = chain.ChainElements.First(IsLate).Certificate;
            return new CertificateRefusal(
                CertificateFault.NotInTime,
                $"the certificate '{late.Subject}' is valid from {Text(late.NotBefore)} to {Text(late.NotAfter)}, and by this machine's clock it is {Text(chain.ChainPolicy.VerificationTime)}"
            );
        }
        var reasons = chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct();
        return new CertificateRefusal(
            CertificateFault.NotTrusted,
            $"its certificate '{certificate.Subject}' is not trusted ({string.Join(", ", reasons)})"
        );
    }

    private static bool IsLate(X509ChainElement element) =>
        element.ChainElementStatus.Any(each => each.Status.HasFlag(X509ChainStatusFlags.NotTimeValid));

    private static string Text(DateTime local) => $"{local.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z";
}
