using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Resurgam.Adapters.Kubernetes.Servers;

/// <summary>An authority for one run of one scratch cluster, and the one certificate by which its programs and we know each other.</summary>
internal sealed record ScratchCertificates(string CaText, string CaFile, string CertificateFile, string KeyFile)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(2);

    public static ScratchCertificates Create(string folder, DateTimeOffset now)
    {
        var (from, to) = (now - TimeSpan.FromHours(1), now + Lifetime);
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest ca = new("CN=resurgam scratch authority", caKey, HashAlgorithmName.SHA256);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        ca.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true)
        );
        ca.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(ca.PublicKey, false));
        using var root = ca.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest leaf = new("CN=resurgam-scratch", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        leaf.CertificateExtensions.Add(names.Build());
        leaf.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        leaf.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false) // server, client
        );
        leaf.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        using var certificate = leaf.Create(root, from, to, RandomNumberGenerator.GetBytes(16).AsSpan(0, 15));

        var files = new ScratchCertificates(
            root.ExportCertificatePem(),
            Path.Combine(folder, "ca.crt"),
            Path.Combine(folder, "scratch.crt"),
            Path.Combine(folder, "scratch.key")
        );
        File.WriteAllText(files.CaFile, files.CaText);
        File.WriteAllText(files.CertificateFile, certificate.ExportCertificatePem());
        WriteSecret(files.KeyFile, key.ExportECPrivateKeyPem());
        return files;
    }

    public static void WriteSecret(string file, string text)
    {
        using StreamWriter writer = new(
            file,
            new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        writer.Write(text);
    }
}
