using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Begins TLS, and checks the server's certificate and its name.</summary>
internal static class TlsStart
{
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
            policy.CustomTrustStore.AddRange(Roots(caFile));
        }
        var tls = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.Host,
                    CertificateChainPolicy = policy,
                    ClientCertificateContext = ClientCertificate(trust),
                },
                cancellationToken
            );
            return tls;
        }
        catch (Exception cause) when (cause is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw RedisProblems.TlsFailed(settings.Server, Innermost(cause), cause);
        }
    }

    private static X509Certificate2Collection Roots(string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw RedisProblems.TlsFile("ca-file", path, $"cannot be read: {cause.Message}", cause);
        }
        return roots.Count > 0 ? roots : throw RedisProblems.TlsFile("ca-file", path, "holds no certificate");
    }

    private static SslStreamCertificateContext? ClientCertificate(TlsTrust trust)
    {
        if (trust.Certificate is not { } path)
            return null;
        var key = trust.Key ?? path;
        try
        {
            RefuseOpenKey(key);
            var certificate = X509Certificate2.CreateFromPemFile(path, key);
            var issuers = new X509Certificate2Collection();
            issuers.ImportFromPemFile(path);
            return SslStreamCertificateContext.Create(certificate, issuers, offline: true);
        }
        catch (Exception cause)
            when (cause is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw RedisProblems.TlsFile("certificate", path, $"with key {key} cannot be used: {cause.Message}", cause);
        }
    }

    private static void RefuseOpenKey(string key)
    {
        const UnixFileMode others =
            UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if ((File.GetUnixFileMode(key) & others) != 0)
            throw RedisProblems.TlsFile("key", key, "can be read or written by others");
    }

    private static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner)
            cause = inner;
        return cause.Message;
    }
}
