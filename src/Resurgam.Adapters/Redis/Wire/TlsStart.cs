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
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (trust.CaFile is { } caFile)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(Files.ReadRoots("ca-file", caFile));
        }
        var tls = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.Host,
                    CertificateChainPolicy = policy,
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
            throw RedisProblems.TlsFailed(settings.Server, TlsFiles.ReasonOf(cause), cause);
        }
    }
}
