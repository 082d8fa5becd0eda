using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Servers;

/// <param name="Lsn">End of the last record that was replayed.</param>
/// <param name="LastCommitAt">Of the last transaction that was replayed; null when there was none.</param>
public sealed record RecoveredPoint(string? Lsn, DateTimeOffset? LastCommitAt)
{
    public override string ToString() =>
        LastCommitAt is { } at
            ? $"{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)}, {Lsn}"
            : Lsn ?? "the end of the backup";
}

/// <summary>Asks a server that came up how far it was replayed.</summary>
public static class RecoveredServer
{
    public static async Task<RecoveredPoint> AskAsync(PostgresConnection session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            "select pg_last_wal_replay_lsn(), extract(epoch from pg_last_xact_replay_timestamp())",
            cancellationToken
        );
        DateTimeOffset? committed = rows[0][1] is { } epoch
            ? DateTimeOffset.UnixEpoch.AddTicks(
                (long)(decimal.Parse(epoch, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond)
            )
            : null;
        return new RecoveredPoint(rows[0][0], committed);
    }

    /// <summary>A server comes back with the settings that it had, and so waits for standbys that follow another one, or none.</summary>
    /// <returns>The value of <c>synchronous_standby_names</c>; null when it is empty.</returns>
    public static async Task<string?> FindAwaitedStandbysAsync(
        PostgresConnection session,
        CancellationToken cancellationToken
    )
    {
        var rows = await session.QueryAsync("show synchronous_standby_names", cancellationToken);
        return rows[0][0] is { Length: > 0 } names ? names : null;
    }

    /// <summary>Keeps the WAL from here on for the stream that follows: else the next checkpoint may remove it.</summary>
    public static async Task KeepWalAsync(
        PostgresConnection session,
        string slot,
        CancellationToken cancellationToken
    ) =>
        await session.QueryAsync(
            $"select pg_create_physical_replication_slot(name, true) from (values ({SqlText.Literal(slot)})) as wanted (name) "
                + "where name not in (select slot_name from pg_replication_slots)",
            cancellationToken
        );

    /// <summary>Connects to the server of a data directory by its own socket, with the rights that the plan's connection has.</summary>
    /// <returns>Null when it lets us not in: its own authentication decides.</returns>
    public static async Task<PostgresConnection?> TryConnectAsync(
        string dataDirectory,
        ConnectionSettings settings,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        // PostgreSQL's miscadmin.h: line 4 is the port, line 5 the first socket folder.
        var lines = await File.ReadAllLinesAsync(Path.Combine(dataDirectory, "postmaster.pid"), cancellationToken);
        if (lines.Length < 5 || lines[4].Length == 0)
            return null;
        try
        {
            return await PostgresConnection.OpenAsync(
                settings with
                {
                    Host = lines[4],
                    HostAddress = null,
                    Port = int.Parse(lines[3], CultureInfo.InvariantCulture),
                    SslMode = SslMode.Disable,
                },
                SessionKind.Sql,
                time,
                cancellationToken
            );
        }
        catch (ResurgamException)
        {
            return null;
        }
    }
}
