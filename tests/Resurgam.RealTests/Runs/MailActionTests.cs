using System.Security.Cryptography.X509Certificates;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Runs;

/// <summary>Encryption as the system's library does it.</summary>
public sealed class MailActionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-mail-").FullName;

    public MailActionTests() => TestCertificates.Write(_folder);

    [Theory(Timeout = 60_000)]
    [InlineData("starttls", "PLAIN", "AUTH PLAIN AHJlc3VyZ2FtAGdlaGVpbQ==*")]
    [InlineData("tls", "LOGIN", "Z2VoZWlt*")]
    public async Task A_login_goes_over_an_encrypted_line(string security, string logins, string command)
    {
        var token = TestContext.Current.CancellationToken;
        using var certificate = Certificate();
        using SmtpDouble server = new()
        {
            Certificate = certificate,
            IsEncryptedAtOnce = security == "tls",
            Logins = logins,
        };

        Assert.Equal("people took the message for 1", (await Bench(server, security, "root", token).RunAsync()).What);
        Assert.Contains(command, server.Commands);
        var e = await Assert.ThrowsAsync<ResurgamException>(Bench(server, security, "other-root", token).RunAsync);
        Assert.Equal("mail-refused", e.Problem.Code);
        Assert.Single(server.Messages);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private StepBench Bench(SmtpDouble server, string security, string root, CancellationToken cancellationToken)
    {
        StepBench bench = new(
            $"{{ people: {{ kind: mail, host: localhost, port: {server.Port}, security: {security}, ca-file: {_folder}/{root}.crt, user: resurgam, password: {{ env: P }}, from: a@example.net, to: [b@example.net] }} }}",
            "{ action: notify, with: { target: people, text: x } }",
            cancellationToken,
            TimeProvider.System
        );
        bench.Variables["P"] = "geheim";
        return bench;
    }

    private X509Certificate2 Certificate()
    {
        using var pem = X509Certificate2.CreateFromPemFile(
            Path.Combine(_folder, "server.crt"),
            Path.Combine(_folder, "server.key")
        );
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
