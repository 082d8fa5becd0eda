using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Questions of a plan: SQL that somebody wrote, and that must neither change nor hold up what it is asked of.</summary>
public sealed partial class PostgresConnection
{
    /// <summary>Longest that the server may take for one question, and wait for a lock: a backup is not held up by one.</summary>
    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Asks one statement that can only read, whatever it says: in a read-only transaction that is rolled back, or, where
    /// the session is in a transaction, in a part of it that is. The query makes the transaction's first snapshot, behind
    /// which PostgreSQL lets nothing make it read-write.
    /// </summary>
    /// <returns>The first column of the first row; null when that is null or there is no row.</returns>
    /// <exception cref="ResurgamException">
    /// The server refused; the session remains usable unless the server closed it. Two statements are refused as one.
    /// </exception>
    public async Task<string?> AskAsync(string sql, bool isInTransaction, CancellationToken cancellationToken)
    {
        var limit = ((long)QuestionLimit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var (begin, end) = isInTransaction
            ? ("savepoint question", "rollback to savepoint question")
            : ("set default_transaction_read_only = on; begin transaction read only", "rollback");
        await QueryAsync(
            $"{begin}; set local transaction_read_only = on; set local statement_timeout = {limit}; set local lock_timeout = {limit}; select 1",
            cancellationToken
        );
        try
        {
            return await AskOneAsync(sql, cancellationToken);
        }
        finally
        {
            if (_session.IsReady)
                await QueryAsync(end, cancellationToken);
        }
    }

    /// <summary>By the extended protocol, which takes one statement and not several.</summary>
    private async Task<string?> AskOneAsync(string sql, CancellationToken cancellationToken)
    {
        await _session.BeginStatementAsync(sql, cancellationToken);
        byte[]?[]? row = null;
        while (true)
        {
            var message = await _session.ReadAnswerAsync(CommandKind.Sql, cancellationToken);
            switch (message.Type)
            {
                case MessageType.DataRow:
                    row ??= ProtocolSession.ReadRow(message.Body.Span);
                    break;
                case MessageType.CopyInResponse:
                    await _session.SendAsync(
                        (byte[])[.. FrontendMessages.CopyFail("a question has no data"), .. FrontendMessages.Sync()],
                        cancellationToken
                    );
                    break;
                case MessageType.ReadyForQuery:
                    _session.Ready();
                    return row is [var value, ..] ? ProtocolSession.Text(value) : null;
                case MessageType.ParseComplete
                or MessageType.BindComplete
                or MessageType.PortalSuspended
                or MessageType.CommandComplete
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
