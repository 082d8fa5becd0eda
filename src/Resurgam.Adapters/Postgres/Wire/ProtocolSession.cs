using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>One authenticated conversation: messages out, messages in, notices put aside, errors turned into problems.</summary>
/// <remarks>
/// It is either ready for a command or in the middle of one. A command that was cancelled leaves it in the middle, and
/// then it can only be disposed: nobody reads the rest of an answer that nobody wants.
/// </remarks>
internal sealed class ProtocolSession : IAsyncDisposable
{
    /// <summary>The longest message PostgreSQL sends.</summary>
    private const int MessageLimitBytes = 0x3fff_ffff;

    /// <summary>Kept for the operator to read; a server that warns about every block must not fill our memory.</summary>
    private const int NoticeLimit = 100;

    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(1);

    private readonly Transport _transport;
    private readonly MessageReader _reader;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, string> _parameters = new(StringComparer.Ordinal);
    private readonly List<ServerError> _notices = [];
    private bool _isReady;
    private bool _isClosed;

    public ProtocolSession(Transport transport, string server, TimeProvider time)
    {
        _transport = transport;
        _time = time;
        Server = server;
        _reader = new MessageReader(transport.Stream, transport.ReadySocket, server);
    }

    /// <summary>Name of the server for messages.</summary>
    public string Server { get; }

    public TimeProvider Time => _time;

    /// <summary>Warnings and notices of the current command, at most 100.</summary>
    public IReadOnlyList<ServerError> Notices => _notices;

    public int ServerVersion => ServerVersions.Parse(Parameter("server_version") ?? "");

    /// <summary>Between two commands.</summary>
    public bool IsReady => _isReady;

    public string? Parameter(string name) => _parameters.GetValueOrDefault(name);

    public void Authenticated() => _reader.LimitBytes = MessageLimitBytes;

    /// <summary>Sends bytes that are one or more whole messages.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> messages, CancellationToken cancellationToken)
    {
        try
        {
            await _transport.Stream.WriteAsync(messages, cancellationToken);
        }
        catch (IOException cause)
        {
            throw PostgresProblems.ConnectionLost(Server, cause);
        }
    }

    /// <summary>Starts a command. Its answer must be read up to <see cref="MessageType.ReadyForQuery"/>.</summary>
    public ValueTask BeginCommandAsync(string command, CancellationToken cancellationToken) =>
        BeginAsync(FrontendMessages.Query(command), cancellationToken);

    /// <summary>As <see cref="BeginCommandAsync"/>, for one statement without parameters, of whose rows one is sent.</summary>
    public ValueTask BeginStatementAsync(string sql, CancellationToken cancellationToken) =>
        BeginAsync(FrontendMessages.Statement(sql, mostRows: 1), cancellationToken);

    private ValueTask BeginAsync(byte[] messages, CancellationToken cancellationToken)
    {
        if (!_isReady)
            throw new InvalidOperationException("the connection is in the middle of another command");
        _isReady = false;
        _notices.Clear();
        return SendAsync(messages, cancellationToken);
    }

    /// <summary>True when the type of the next message is known without waiting.</summary>
    public bool TryPeek(out byte type) => _reader.TryPeek(out type);

    /// <summary>The message that <see cref="TryPeek"/> announced.</summary>
    public BackendMessage ReadHere() => _reader.ReadHere();

    /// <summary>The next message that is no notice, parameter or notification. Errors are returned, not thrown.</summary>
    public async ValueTask<BackendMessage> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await _reader.ReadAsync(cancellationToken);
            if (!PutAside(message))
                return message;
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, but an error is thrown once the server is ready for the next command.</summary>
    public async ValueTask<BackendMessage> ReadAnswerAsync(CommandKind command, CancellationToken cancellationToken)
    {
        var message = await ReadAsync(cancellationToken);
        if (message.Type == MessageType.ErrorResponse)
            await FailAsync(command, message, cancellationToken);
        return message;
    }

    /// <summary>As <see cref="ReadAnswerAsync"/> for the one type that may come now.</summary>
    public async ValueTask<BackendMessage> ExpectAsync(
        byte type,
        CommandKind command,
        CancellationToken cancellationToken
    )
    {
        var message = await ReadAnswerAsync(command, cancellationToken);
        return message.Type == type ? message : throw Unexpected(message.Type);
    }

    /// <summary>One result set: description, rows, completion.</summary>
    public async Task<List<byte[]?[]>> ReadRowsAsync(CommandKind command, CancellationToken cancellationToken)
    {
        await ExpectAsync(MessageType.RowDescription, command, cancellationToken);
        var rows = new List<byte[]?[]>();
        while (true)
        {
            var message = await ReadAnswerAsync(command, cancellationToken);
            if (message.Type == MessageType.CommandComplete)
                return rows;
            if (message.Type != MessageType.DataRow)
                throw Unexpected(message.Type);
            rows.Add(ReadRow(message.Body.Span));
        }
    }

    /// <summary>Reads on to the end of the answer, whatever comes before it.</summary>
    public async Task EndCommandAsync(CommandKind command, CancellationToken cancellationToken)
    {
        while ((await ReadAnswerAsync(command, cancellationToken)).Type != MessageType.ReadyForQuery) { }
        Ready();
    }

    /// <summary>The server has said that it is ready for a command.</summary>
    public void Ready() => _isReady = true;

    /// <summary>Reads the rest of a failed answer and throws the problem.</summary>
    public async Task FailAsync(CommandKind command, BackendMessage message, CancellationToken cancellationToken)
    {
        var error = ServerError.Read(message.Body.Span);
        if (!error.IsFatal)
        {
            while ((await ReadAsync(cancellationToken)).Type != MessageType.ReadyForQuery) { }
            Ready();
        }
        throw PostgresProblems.FromServer(Server, command, error);
    }

    public Exception Unexpected(byte type) =>
        PostgresProblems.Protocol(
            string.Create(CultureInfo.InvariantCulture, $"{Server} sent message '{(char)type}', which cannot come here")
        );

    public static byte[]?[] ReadRow(ReadOnlySpan<byte> body)
    {
        var fields = new FieldReader(body);
        var count = fields.Int16();
        var values = count >= 0 ? new byte[]?[count] : throw PostgresProblems.Protocol($"a row has {count} columns");
        for (var column = 0; column < values.Length; column++)
        {
            var length = fields.Int32();
            values[column] = length < 0 ? null : fields.Take(length).ToArray();
        }
        return values;
    }

    public static string? Text(byte[]? value) => value is null ? null : Encoding.UTF8.GetString(value);

    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        if (_isReady)
            await SayFarewellAsync();
        await _transport.DisposeAsync();
    }

    private async Task SayFarewellAsync()
    {
        using var limit = new CancellationTokenSource(FarewellLimit, _time);
        try
        {
            await _transport.Stream.WriteAsync(FrontendMessages.Terminate(), limit.Token);
        }
        catch (Exception cause) when (cause is IOException or SocketException or OperationCanceledException)
        {
            // The farewell is a courtesy: a server that is gone, or does not listen, needs none.
            _isReady = false;
        }
    }

    /// <summary>These may come at any time, between any two other messages.</summary>
    private bool PutAside(BackendMessage message)
    {
        switch (message.Type)
        {
            case MessageType.ParameterStatus:
                var fields = new FieldReader(message.Body.Span);
                _parameters[fields.Text()] = fields.Text();
                return true;
            case MessageType.NoticeResponse:
                if (_notices.Count < NoticeLimit)
                    _notices.Add(ServerError.Read(message.Body.Span));
                return true;
            case MessageType.NotificationResponse:
                return true;
            default:
                return false;
        }
    }
}
