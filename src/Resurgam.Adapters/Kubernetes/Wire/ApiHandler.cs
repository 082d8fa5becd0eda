using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Resurgam.Adapters.Network;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>The way to one API server: its certificate is always checked.</summary>
internal static class ApiHandler
{
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <exception cref="Core.Problems.ResurgamException">The context is not safe or its files are not there.</exception>
    public static SocketsHttpHandler Create(KubeContext context, ApiCredentials credentials)
    {
        if (context.IsInsecure)
            throw KubernetesProblems.Insecure(context.Name);
        var server = ServerOf(context);
        if (server.Scheme != Uri.UriSchemeHttps && !server.IsLoopback)
            throw KubernetesProblems.NotEncrypted(context.Name, context.Server);
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = ConnectLimit,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
        };
        if (context.Proxy is { } proxy)
            handler.Proxy = new WebProxy(proxy);
        var (certificate, key) = (
            credentials.PluginCertificate ?? context.CertificateText,
            credentials.PluginKey ?? context.KeyText
        );
        TlsFiles files = new((option, path, how, cause) => KubernetesProblems.TlsFile(option, path, how, cause));
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = TrustOf(context, files),
            ClientCertificateContext =
                certificate is not null && key is not null
                    ? ParseCertificate(context.Name, certificate, key)
                    : files.ReadClientCertificate(
                        "client-certificate",
                        context.CertificateFile,
                        "client-key",
                        context.KeyFile
                    ),
        };
        return handler;
    }

    public static Uri ServerOf(KubeContext context) =>
        Uri.TryCreate(context.Server, UriKind.Absolute, out var server) && server.Scheme is "https" or "http"
            ? server
            : throw KubernetesProblems.BadServer(context.Name, context.Server);

    /// <returns>Null: as the system trusts.</returns>
    private static X509ChainPolicy? TrustOf(KubeContext context, TlsFiles files)
    {
        if (context.CaText is null && context.CaFile is null)
            return null;
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // clusters run an authority of their own, without lists
        };
        if (context.CaText is { } text)
            policy.CustomTrustStore.AddRange(ParseRoots(context.Name, text));
        else if (context.CaFile is { } file)
            policy.CustomTrustStore.AddRange(files.ReadRoots("certificate-authority", file));
        return policy;
    }

    private static X509Certificate2Collection ParseRoots(string context, string pem)
    {
        X509Certificate2Collection roots = [];
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw KubernetesProblems.TlsFile("certificate-authority-data", context, e.Message, e);
        }
        return roots;
    }

    private static SslStreamCertificateContext ParseCertificate(string context, string certificate, string key)
    {
        try
        {
            X509Certificate2Collection issuers = [];
            issuers.ImportFromPem(certificate);
            return SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPem(certificate, key),
                issuers,
                offline: true
            );
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw KubernetesProblems.TlsFile("client-certificate-data", context, e.Message, e);
        }
    }
}
