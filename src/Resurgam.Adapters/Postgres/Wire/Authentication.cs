using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Answers what the server asks until it is content.</summary>
/// <remarks>Source: the manual, "Message Flow", Start-up, and "SASL Authentication".</remarks>
internal sealed class Authentication(
    ProtocolSession session,
    Transport transport,
    ConnectionSettings settings,
    SessionKind kind
)
{
    private const string Scram = "SCRAM-SHA-256";
    private const string ScramPlus = "SCRAM-SHA-256-PLUS";

    private ScramClient? _scram;
    private bool _isServerProven;

    public async Task RunAsync(CommandKind command, CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await session.ReadAnswerAsync(command, cancellationToken);
            if (message.Type == MessageType.NegotiateProtocolVersion)
                continue;
            if (message.Type != MessageType.Authentication)
                throw session.Unexpected(message.Type);
            var (isDone, answer) = Answer(message.Body.Span);
            if (isDone)
                return;
            if (answer is not null)
                await session.SendAsync(answer, cancellationToken);
        }
    }

    private (bool IsDone, byte[]? Answer) Answer(ReadOnlySpan<byte> body)
    {
        var fields = new FieldReader(body);
        var request = fields.Int32();
        // A server that may not be the right one gets no password in any other form.
        if (settings.ChannelBinding == ChannelBinding.Require && request is not (10 or 11 or 12) && !_isServerProven)
            throw PostgresProblems.AuthenticationUnsupported(session.Server, "a method without channel binding");
        return request switch
        {
            0 when _scram is not null && !_isServerProven => throw NotGenuine("it ended the exchange early"),
            0 => (true, null),
            3 => (false, FrontendMessages.Password(Cleartext())),
            5 => (false, FrontendMessages.Password(Md5(settings.User, Password(), fields.Take(4)))),
            10 => (false, BeginScram(ref fields)),
            11 when _scram is not null => (false, ContinueScram(_scram, fields.Rest)),
            12 when _scram is not null => (false, EndScram(_scram, fields.Rest)),
            _ => throw PostgresProblems.AuthenticationUnsupported(session.Server, Name(request)),
        };
    }

    /// <summary>md5(md5(password user) salt); PostgreSQL's own, kept by old clusters.</summary>
    internal static string Md5(string user, string password, ReadOnlySpan<byte> salt)
    {
        var inner = Hex(Encoding.UTF8.GetBytes(password + user));
        return "md5" + Hex([.. Encoding.ASCII.GetBytes(inner), .. salt]);
#pragma warning disable CA5351 // The server's choice; the connection's own protection is TLS.
        static string Hex(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
    }

    private string Cleartext() =>
        transport.IsLocal || transport.IsEncrypted
            ? Password()
            : throw PostgresProblems.AuthenticationUnsupported(
                session.Server,
                "a password in clear text, and the connection is not encrypted"
            );

    private string Password() =>
        settings.Password.Find(settings, kind) ?? throw PostgresProblems.PasswordMissing(session.Server, settings.User);

    private byte[] BeginScram(ref FieldReader fields)
    {
        var offered = new List<string>();
        while (!fields.AtEnd && fields.Text() is { Length: > 0 } mechanism)
            offered.Add(mechanism);
        var binding = settings.ChannelBinding == ChannelBinding.Disable ? null : transport.ServerEndPoint;
        var isPlus = binding is not null && offered.Contains(ScramPlus);
        if (settings.ChannelBinding == ChannelBinding.Require && !isPlus)
            throw PostgresProblems.AuthenticationUnsupported(session.Server, "SCRAM without channel binding");
        if (!isPlus && !offered.Contains(Scram))
            throw PostgresProblems.AuthenticationUnsupported(session.Server, string.Join(", ", offered));
        // 'y' tells the server that we could have bound: it refuses if it could, too, and someone hid that from us.
        var header = (isPlus, binding) switch
        {
            (true, _) => ScramClient.BoundHeader,
            (false, null) => "n,,",
            (false, _) => "y,,",
        };
        _scram = new ScramClient(
            Password(),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(18)),
            header,
            isPlus ? binding : null
        );
        return FrontendMessages.SaslInitialResponse(isPlus ? ScramPlus : Scram, _scram.First());
    }

    private byte[] ContinueScram(ScramClient scram, ReadOnlySpan<byte> serverFirst) =>
        FrontendMessages.SaslResponse(
            scram.TryFinal(Encoding.UTF8.GetString(serverFirst), out var final)
                ? final
                : throw NotGenuine("its challenge is malformed or not for us")
        );

    private byte[]? EndScram(ScramClient scram, ReadOnlySpan<byte> serverFinal)
    {
        if (!scram.IsServerSignature(Encoding.UTF8.GetString(serverFinal)))
            throw NotGenuine("its signature is wrong");
        _isServerProven = true;
        return null;
    }

    private Core.Problems.ResurgamException NotGenuine(string reason) =>
        PostgresProblems.ServerNotGenuine(session.Server, reason);

    private static string Name(int request) =>
        request switch
        {
            2 => "Kerberos 5",
            7 or 8 => "GSSAPI",
            9 => "SSPI",
            _ => $"method {request}",
        };
}
