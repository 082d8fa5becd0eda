using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Capture;

/// <param name="Label">Content of <c>backup_label</c>.</param>
/// <param name="TablespaceMap">Content of <c>tablespace_map</c>; empty without tablespaces.</param>
internal sealed record BackupEnd(Lsn Stop, string Label, string TablespaceMap, DateTimeOffset At);

/// <summary>The server's backup mode: begun and ended on one session, which also keeps the WAL from being removed.</summary>
internal sealed class BackupMode
{
    private readonly PostgresConnection _session;

    private BackupMode(PostgresConnection session, Lsn start, DateTimeOffset at) =>
        (_session, Start, StartedAt) = (session, start, at);

    public Lsn Start { get; }

    /// <summary>By the server's clock.</summary>
    public DateTimeOffset StartedAt { get; }

    public static async Task<BackupMode> BeginAsync(
        PostgresConnection session,
        string asset,
        CancellationToken cancellationToken
    )
    {
        await KeepWalAsync(session, cancellationToken);
        var label = $"'resurgam {asset}'";
        var call =
            session.ServerVersion >= 150000
                ? $"pg_backup_start({label}, true)"
                : $"pg_start_backup({label}, true, false)";
        var rows = await session.QueryAsync($"select {call}, extract(epoch from now())", cancellationToken);
        return new BackupMode(session, Lsn.Parse(rows[0][0]), Moment(rows[0][1]));
    }

    /// <summary>The timeline that the backup begins on: of the checkpoint that began it.</summary>
    public async Task<uint> ReadTimelineAsync(CancellationToken cancellationToken)
    {
        var text = await _session.ScalarAsync("select timeline_id from pg_control_checkpoint()", cancellationToken);
        return uint.Parse(text ?? "", CultureInfo.InvariantCulture);
    }

    public async Task<BackupEnd> EndAsync(CancellationToken cancellationToken)
    {
        // Not waiting for the archiver: the WAL of the backup is copied by us.
        var call = _session.ServerVersion >= 150000 ? "pg_backup_stop(false)" : "pg_stop_backup(false, false)";
        var rows = await _session.QueryAsync(
            $"select lsn, labelfile, spcmapfile, extract(epoch from clock_timestamp()) from {call}",
            cancellationToken
        );
        var row = rows[0];
        return new BackupEnd(Lsn.Parse(row[0]), row[1] ?? "", row[2] ?? "", Moment(row[3]));
    }

    /// <summary>
    /// A temporary slot, gone with the session. Without it a busy server may remove WAL that the backup needs; a server
    /// that has no slot to give still gets its backup, and the copy of the WAL says so when a segment is gone.
    /// </summary>
    private static async Task KeepWalAsync(PostgresConnection session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            """
            select current_setting('max_replication_slots')::int > (select count(*) from pg_replication_slots)
               and (select rolsuper or rolreplication from pg_roles where rolname = current_user)
            """,
            cancellationToken
        );
        if (rows[0][0] != "t")
            return;
        await session.QueryAsync(
            "select pg_create_physical_replication_slot('resurgam_backup_' || pg_backend_pid(), true, true)",
            cancellationToken
        );
    }

    private static DateTimeOffset Moment(string? epoch) =>
        DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(epoch ?? "0", CultureInfo.InvariantCulture));
}
