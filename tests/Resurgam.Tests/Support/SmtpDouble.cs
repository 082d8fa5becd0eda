using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Resurgam.Tests.Support;

/// <summary>A little mail server on the loopback interface that keeps what it gets.</summary>
public sealed class SmtpDouble : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public SmtpDouble()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Serving = ServeAsync();
    }

    public int Port { get; }

    public Task Serving { get; }

    /// <summary>Null: no encryption is offered.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The connection is encrypted from its first byte.</summary>
    public bool IsEncryptedAtOnce { get; init; }

    public string Logins { get; init; } = "PLAIN LOGIN";

    /// <summary>What a command of a client is answered with; null: as usual. The number of its session comes with it.</summary>
    public Func<string, int, string?> Answer { get; init; } = (_, _) => null;

    /// <summary>Commands that came, each with a star when it came encrypted.</summary>
    public List<string> Commands { get; } = [];

    public List<string> Messages { get; } = [];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        for (var session = 0; ; session++)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return; // disposed
            }
            using (client)
            {
                try
                {
                    await TalkAsync(client.GetStream(), session);
                }
                catch (Exception e) when (e is IOException or OperationCanceledException)
                {
                    continue; // the client is gone
                }
            }
        }
    }

    private async Task TalkAsync(Stream stream, int session)
    {
        var isEncrypted = IsEncryptedAtOnce;
        if (isEncrypted)
            stream = await EncryptAsync(stream);
        await SayAsync(stream, Answer("", session) ?? "220 double");
        while (await ReadLineAsync(stream) is { } line)
        {
            Commands.Add($"{line}{(isEncrypted ? "*" : "")}");
            if (Answer(line, session) is { } other)
                await SayAsync(stream, other);
            else if (line.StartsWith("EHLO", StringComparison.Ordinal))
                await SayAsync(
                    stream,
                    $"250-double\r\n{(Certificate is null || isEncrypted ? "" : "250-STARTTLS\r\n")}250-AUTH {Logins}\r\n250 SIZE 1000000"
                );
            else if (line == "STARTTLS")
            {
                await SayAsync(stream, "220 go on");
                (stream, isEncrypted) = (await EncryptAsync(stream), true);
            }
            else if (line == "DATA")
            {
                await SayAsync(stream, "354 go on");
                StringBuilder message = new();
                while (await ReadLineAsync(stream) is { } text and not ".")
                    message.Append(text).Append('\n');
                Messages.Add(message.ToString());
                await SayAsync(stream, "250 taken");
            }
            else if (line == "QUIT")
                return;
            else
                await SayAsync(stream, line.StartsWith("AUTH LOGIN", StringComparison.Ordinal) ? "334 x" : "250 well");
        }
    }

    private async Task<Stream> EncryptAsync(Stream stream)
    {
        SslStream tls = new(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = Certificate },
            _stop.Token
        );
        return tls;
    }

    private async Task SayAsync(Stream stream, string answer) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{answer}\r\n"), _stop.Token);

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        List<byte> line = [];
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
                return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }
        return null;
    }
}
