using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Resurgam.Adapters.Network;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Asks a server for TLS, and checks who it is as far as the settings want.</summary>
internal static class TlsUpgrade
{
    private static readonly TlsFiles Files = new(PostgresProblems.TlsFile);

    /// <returns>The transport as it was when the server has no TLS and that is allowed.</returns>
    public static async Task<Transport> UpgradeAsync(
        Transport plain,
        ConnectionSettings settings,
        CancellationToken cancellationToken
    )
    {
        if (!await AskAsync(plain.Stream, settings, cancellationToken))
            return settings.SslMode == SslMode.Prefer ? plain : throw PostgresProblems.TlsNotOffered(settings.Server);

        string? refusal = null;
        var roots = Roots(settings);
        var tls = new SslStream(plain.Stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.Host,
                    ApplicationProtocols = [new SslApplicationProtocol("postgresql")],
                    ClientCertificateContext = Files.ReadClientCertificate(
                        "sslcert",
                        settings.SslCert,
                        "sslkey",
                        settings.SslKey
                    ),
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                        (refusal = Refusal(certificate, chain, roots, settings)) is null,
                },
                cancellationToken
            );
        }
        catch (Exception cause) when (cause is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw PostgresProblems.TlsFailed(settings.Server, refusal ?? TlsFiles.ReasonOf(cause), cause);
        }
        return new Transport(tls, socket: null, isLocal: false)
        {
            ServerEndPoint = tls.RemoteCertificate is X509Certificate2 shown ? ServerEndPoint(shown) : null,
        };
    }

    /// <summary>RFC 5929 section 4.1: the certificate's hash by the function of its signature, SHA-256 for weaker ones.</summary>
    /// <returns>Null when the signature has no such function, as Ed25519: then there is no binding.</returns>
    internal static byte[]? ServerEndPoint(X509Certificate2 certificate) =>
        certificate.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => SHA256.HashData(
                certificate.RawData
            ),
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => SHA256.HashData(certificate.RawData),
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
            _ => null,
        };

    /// <summary>One byte answers: nothing more may be read, or an eavesdropper's plain bytes would pass for TLS's.</summary>
    private static async Task<bool> AskAsync(
        Stream stream,
        ConnectionSettings settings,
        CancellationToken cancellationToken
    )
    {
        var answer = new byte[1];
        try
        {
            await stream.WriteAsync(FrontendMessages.SslRequest(), cancellationToken);
            if (await stream.ReadAsync(answer, cancellationToken) == 0)
                throw PostgresProblems.ConnectionLost(settings.Server, cause: null);
        }
        catch (IOException cause)
        {
            throw PostgresProblems.ConnectionLost(settings.Server, cause);
        }
        return answer[0] switch
        {
            (byte)'S' => true,
            (byte)'N' => false,
            // Its text is not shown: anybody on the way may have written it.
            (byte)'E' => throw PostgresProblems.Unreachable(
                settings.Server,
                "it refused to speak about TLS",
                cause: null
            ),
            var other => throw PostgresProblems.Protocol(
                $"{settings.Server} answered the question for TLS with {other}"
            ),
        };
    }

    /// <returns>Why the certificate is not good enough; null when it is.</returns>
    private static string? Refusal(
        X509Certificate? shown,
        X509Chain? sent,
        X509Certificate2Collection? roots,
        ConnectionSettings settings
    )
    {
        // As in libpq, 'require' checks the chain when there are roots to check it against.
        var isChecked =
            settings.SslMode >= SslMode.VerifyCa || (settings.SslMode == SslMode.Require && roots is not null);
        if (!isChecked)
            return null;
        var host = settings.SslMode == SslMode.VerifyFull ? settings.Host : null;
        return ServerCertificate.Judge(shown, sent, roots, host)?.What;
    }

    /// <returns>Null for the system's own roots, and where there are none.</returns>
    private static X509Certificate2Collection? Roots(ConnectionSettings settings) =>
        settings.SslRootCert is { } path && path != "system" ? Files.ReadRoots("sslrootcert", path) : null;
}
