namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>One connection to a server, for SQL or for replication commands. Not thread-safe: one command at a time.</summary>
/// <remarks>A command that was cancelled leaves the connection unusable: dispose it and open another one.</remarks>
public sealed partial class PostgresConnection : IAsyncDisposable
{
    private readonly ProtocolSession _session;
    private readonly ConnectionSettings _settings;
    private readonly SessionKind _kind;

    internal PostgresConnection(ProtocolSession session, ConnectionSettings settings, SessionKind kind) =>
        (_session, _settings, _kind) = (session, settings, kind);

    /// <summary>As PostgreSQL numbers versions: 150018 is 15.18.</summary>
    public int ServerVersion => _session.ServerVersion;

    /// <exception cref="Resurgam.Core.Problems.ResurgamException">The server is out of reach or does not let us in.</exception>
    public static async Task<PostgresConnection> OpenAsync(
        ConnectionSettings settings,
        SessionKind kind,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(settings.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var session = await Handshake.OpenAsync(settings, kind, time, either.Token);
            return new PostgresConnection(session, settings, kind);
        }
        catch (OperationCanceledException cause) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = $"no answer in {settings.ConnectTimeout.TotalSeconds:0.#} s";
            throw PostgresProblems.Unreachable(settings.Server, reason, cause);
        }
    }

    /// <summary>Runs one or more statements as one simple query, which is one transaction if they say nothing else.</summary>
    /// <returns>The rows of the last statement that returns rows, as text; empty when none does.</returns>
    /// <exception cref="Resurgam.Core.Problems.ResurgamException">
    /// The server refused; <see cref="PostgresErrorException.SqlStateOf"/> tells its code.
    /// </exception>
    public async Task<IReadOnlyList<string?[]>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        var rows = await QueryBytesAsync(sql, CommandKind.Sql, cancellationToken);
        return rows.ConvertAll(row => Array.ConvertAll(row, ProtocolSession.Text));
    }

    /// <returns>The first column of the first row; null when that is null or there is no row.</returns>
    public async Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken) =>
        await QueryAsync(sql, cancellationToken) is [[var value, ..], ..] ? value : null;

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async Task<List<byte[]?[]>> QueryBytesAsync(
        string command,
        CommandKind kind,
        CancellationToken cancellationToken
    )
    {
        await _session.BeginCommandAsync(command, cancellationToken);
        var rows = new List<byte[]?[]>();
        while (true)
        {
            var message = await _session.ReadAnswerAsync(kind, cancellationToken);
            switch (message.Type)
            {
                case MessageType.RowDescription:
                    rows = [];
                    break;
                case MessageType.DataRow:
                    rows.Add(ProtocolSession.ReadRow(message.Body.Span));
                    break;
                case MessageType.CopyInResponse:
                    await _session.SendAsync(FrontendMessages.CopyFail("COPY needs a stream"), cancellationToken);
                    break;
                case MessageType.ReadyForQuery:
                    _session.Ready();
                    return rows;
                // The data of a COPY TO STDOUT is not asked for by any caller: it passes by.
                case MessageType.CommandComplete
                or MessageType.EmptyQueryResponse
                or MessageType.CopyOutResponse
                or MessageType.CopyData
                or MessageType.CopyDone:
                    break;
                default:
                    throw _session.Unexpected(message.Type);
            }
        }
    }
}
