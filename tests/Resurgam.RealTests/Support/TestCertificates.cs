using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Resurgam.RealTests.Support;

/// <summary>Certificates made for one test: a root, a server for localhost and 127.0.0.1, the same out of its time, a client named postgres.</summary>
public static class TestCertificates
{
    /// <summary>Writes root.crt, server.crt and .key, expired.crt and .key, client.crt and .key, other-root.crt, all PEM.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        using var root = Root("resurgam test root");
        WriteCertificate(folder, "root", root);
        using var other = Root("another root");
        WriteCertificate(folder, "other-root", other);
        WriteSigned(folder, "server", root, "localhost", isServer: true);
        WriteSigned(folder, "expired", root, "localhost", isServer: true, endedDays: 0.01);
        WriteSigned(folder, "client", root, "postgres", isServer: false);
    }

    private static X509Certificate2 Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static void WriteSigned(
        string folder,
        string file,
        X509Certificate2 root,
        string name,
        bool isServer,
        double endedDays = -7
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        using var certificate = request.Create(
            root,
            DateTimeOffset.UtcNow.AddHours(-1),
            DateTimeOffset.UtcNow.AddDays(-endedDays),
            RandomNumberGenerator.GetBytes(8)
        );
        WriteCertificate(folder, file, certificate);
        var keyFile = Path.Combine(folder, $"{file}.key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static void WriteCertificate(string folder, string file, X509Certificate2 certificate) =>
        File.WriteAllText(Path.Combine(folder, $"{file}.crt"), certificate.ExportCertificatePem());
}
