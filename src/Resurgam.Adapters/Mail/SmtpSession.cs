using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Resurgam.Adapters.Network;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Mail;

/// <summary>A session with a server that takes mail: opened, used for one message, closed.</summary>
/// <remarks>RFC 5321, STARTTLS by RFC 3207, login by RFC 4954.</remarks>
internal sealed class SmtpSession : IAsyncDisposable
{
    private const int MostLineBytes = 4096;
    private const int MostLines = 100;

    private static readonly TlsFiles Files = new(MailProblems.TlsFile);

    private readonly string _server;
    private readonly byte[] _line = new byte[MostLineBytes];
    private Stream _stream;
    private IReadOnlyList<string> _offers = [];

    private SmtpSession(Stream stream, string server) => (_stream, _server) = (stream, server);

    /// <summary>Connects, encrypts as the target says, and logs in.</summary>
    public static async Task<SmtpSession> OpenAsync(
        Target.Mail target,
        SecretBytes? password,
        CancellationToken cancellationToken
    )
    {
        var server = string.Create(CultureInfo.InvariantCulture, $"{target.Host}:{target.Port}");
        SocketDialer dialer = new((reason, cause) => MailProblems.Unreachable(server, reason, cause));
        var socket = await dialer.DialTcpAsync(target.Host, target.Port, _ => { }, cancellationToken);
        SmtpSession session = new(new NetworkStream(socket, ownsSocket: true), server);
        try
        {
            await session.GreetAsync(target, cancellationToken);
            if (target.User is { } user && password is not null)
                await session.LogInAsync(user, password, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hands a message over.</summary>
    /// <returns>Those who do not get it, with the server's words; the others do.</returns>
    /// <exception cref="ResurgamException">Nobody gets it.</exception>
    public async Task<IReadOnlyList<string>> SendAsync(MailMessage message, CancellationToken cancellationToken)
    {
        await AskAsync($"MAIL FROM:<{message.From}>", cancellationToken);
        List<string> refused = [];
        foreach (var person in message.To)
        {
            var answer = await TryAskAsync($"RCPT TO:<{person}>", cancellationToken);
            if (answer[0] is '4' || (answer[0] is '5' && message.To.Count == 1))
                throw Failure($"mail to {person}", answer);
            if (answer[0] is '5')
                refused.Add($"{person}: {answer}");
        }
        if (refused.Count == message.To.Count)
            throw MailProblems.Refused(_server, "mail to all of them", string.Join("; ", refused));
        await AskAsync("DATA", cancellationToken);
        await WriteAsync(message.ToBytes(), cancellationToken);
        await ExpectAsync("the message", cancellationToken);
        // From here on it is the server's: what it says to a goodbye changes nothing.
        await WriteAsync("QUIT\r\n"u8.ToArray(), CancellationToken.None);
        return refused;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task GreetAsync(Target.Mail target, CancellationToken cancellationToken)
    {
        if (target.Security == MailSecurity.Tls)
            await EncryptAsync(target, cancellationToken);
        await ExpectAsync("a connection", cancellationToken);
        await HelloAsync(cancellationToken);
        if (target.Security != MailSecurity.StartTls)
            return;
        if (!Offers("STARTTLS"))
            throw MailProblems.NoTls(_server);
        await AskAsync("STARTTLS", cancellationToken);
        // Lines are read byte by byte: what came in the clear behind the answer breaks the handshake, and is never taken for an encrypted one.
        await EncryptAsync(target, cancellationToken);
        await HelloAsync(cancellationToken);
    }

    private async Task HelloAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync("EHLO [127.0.0.1]", cancellationToken);
        _offers = [.. answer.Split('\n').Skip(1).Select(line => line.ToUpperInvariant())];
    }

    private async Task EncryptAsync(Target.Mail target, CancellationToken cancellationToken)
    {
        X509ChainPolicy policy = new()
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (target.CaFile is { } caFile)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(Files.ReadRoots("ca-file", caFile));
        }
        SslStream tls = new(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = target.Host, CertificateChainPolicy = policy },
                cancellationToken
            );
        }
        catch (Exception cause) when (cause is AuthenticationException or IOException)
        {
            throw MailProblems.TlsFailed(_server, TlsFiles.ReasonOf(cause), cause);
        }
    }

    private async Task LogInAsync(string user, SecretBytes password, CancellationToken cancellationToken)
    {
        var secret = password.Bytes.ToArray();
        if (OffersLogin("PLAIN"))
        {
            byte[] words = [0, .. Encoding.UTF8.GetBytes(user), 0, .. secret];
            await SendSecretAsync($"AUTH PLAIN {Convert.ToBase64String(words)}", cancellationToken);
        }
        else if (OffersLogin("LOGIN"))
        {
            await AskAsync("AUTH LOGIN", cancellationToken);
            await SendSecretAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(user)), cancellationToken);
            await SendSecretAsync(Convert.ToBase64String(secret), cancellationToken);
        }
        else
            throw MailProblems.NoLogin(_server);
    }

    private bool Offers(string word) => _offers.Any(line => line.Split(' ')[0] == word);

    private bool OffersLogin(string mechanism) =>
        _offers.Any(line => line.Split(' ') is ["AUTH", .. var known] && known.Contains(mechanism));

    private async Task SendSecretAsync(string line, CancellationToken cancellationToken)
    {
        await WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\n"), cancellationToken);
        await ExpectAsync("the login", cancellationToken);
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        var answer = await TryAskAsync(command, cancellationToken);
        return answer[0] is '2' or '3' ? answer : throw Failure(command, answer);
    }

    private async Task<string> TryAskAsync(string command, CancellationToken cancellationToken)
    {
        await WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    private async Task ExpectAsync(string what, CancellationToken cancellationToken)
    {
        var answer = await ReadAsync(cancellationToken);
        if (answer[0] is not ('2' or '3'))
            throw Failure(what, answer);
    }

    private ResurgamException Failure(string what, string answer) =>
        answer[0] == '4' ? MailProblems.Busy(_server, what, answer) : MailProblems.Refused(_server, what, answer);

    /// <returns>All lines of an answer, the code before each taken off but for the first.</returns>
    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        List<string> lines = [];
        while (lines.Count < MostLines)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (line.Length < 3 || line[0] is < '2' or > '5')
                throw MailProblems.Refused(_server, "the protocol", $"it says '{line}'");
            lines.Add(lines.Count == 0 ? line : line[Math.Min(4, line.Length)..]);
            if (line.Length == 3 || line[3] == ' ')
                return $"{lines[0][..3]} {lines[0][Math.Min(4, lines[0].Length)..]}{string.Concat(lines.Skip(1).Select(more => $"\n{more}"))}";
        }
        throw MailProblems.Refused(_server, "the protocol", "an answer of it has no end");
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        for (var length = 0; length < MostLineBytes; length++)
        {
            try
            {
                if (await _stream.ReadAsync(_line.AsMemory(length, 1), cancellationToken) == 0)
                    throw MailProblems.Unreachable(_server, "it closed the connection", cause: null);
            }
            catch (IOException cause)
            {
                throw MailProblems.Unreachable(_server, cause.Message, cause);
            }
            if (_line[length] == '\n')
                return Encoding.UTF8.GetString(_line, 0, length).TrimEnd('\r');
        }
        throw MailProblems.Refused(_server, "the protocol", "a line of it has no end");
    }

    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException cause)
        {
            throw MailProblems.Unreachable(_server, cause.Message, cause);
        }
    }
}
