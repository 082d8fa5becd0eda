using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>A place in a cluster's WAL that a recovery can end at.</summary>
/// <param name="Lsn">All that was committed before is in front of it.</param>
/// <param name="Behind">The store must reach to here: recovery ends at the first record that begins behind <see cref="Lsn"/>.</param>
/// <param name="At">By the server's clock, just before.</param>
public sealed record WalMark(Lsn Lsn, Lsn Behind, DateTimeOffset At)
{
    /// <summary>
    /// Two messages into the WAL, which any role may write: the end of the first is the mark, and the second, in a transaction
    /// that is synced, is the record that recovery stops after.
    /// </summary>
    public static async Task<WalMark> WriteAsync(
        ConnectionSettings settings,
        string name,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await using var session = await PostgresConnection.OpenAsync(
            settings,
            SessionKind.Sql,
            time,
            cancellationToken
        );
        var text = SqlText.Literal(name);
        var at = time.GetUtcNow();
        var mark = await session.ScalarAsync(
            $"select pg_logical_emit_message(false, 'resurgam', {text})",
            cancellationToken
        );
        await session.QueryAsync($"select pg_logical_emit_message(true, 'resurgam', {text})", cancellationToken);
        var behind = await session.ScalarAsync("select pg_current_wal_flush_lsn()", cancellationToken);
        return new WalMark(Lsn.Parse(mark ?? ""), Lsn.Parse(behind ?? ""), at);
    }
}
