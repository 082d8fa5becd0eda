using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Resurgam.Adapters.Network;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Begins TLS, and checks the server's certificate and its name.</summary>
internal static class TlsStart
{
    private static readonly TlsFiles Files = new(RedisProblems.TlsFile);

    public static async Task<Stream> BeginAsync(
        Stream plain,
        ConnectionSettings settings,
        TlsTrust trust,
        CancellationToken cancellationToken
    )
    {
        CertificateRefusal? refusal = null;
        var roots = trust.CaFile is { } caFile ? Files.ReadRoots("ca-file", caFile) : null;
        var tls = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.Host,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, shown, sent, _) =>
                        (refusal = ServerCertificate.Judge(shown, sent, roots, settings.Host)) is null,
                    ClientCertificateContext = Files.ReadClientCertificate(
                        "certificate",
                        trust.Certificate,
                        "key",
                        trust.Key
                    ),
                },
                cancellationToken
            );
            return tls;
        }
        catch (Exception cause) when (cause is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw refusal is null
                ? RedisProblems.TlsFailed(settings.Server, TlsFiles.ReasonOf(cause), cause)
                : RedisProblems.NotTrusted(settings.Server, refusal, cause);
        }
    }
}
