using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>What a running cluster says of itself.</summary>
internal sealed record ClusterFacts
{
    private const string On = "on";

    public required ulong SystemIdentifier { get; init; }
    public required int ServerVersion { get; init; }
    public required uint Timeline { get; init; }
    public required bool IsStandby { get; init; }
    public required bool HasDataChecksums { get; init; }
    public required int WalSegmentBytes { get; init; }
    public required IReadOnlyList<TablespaceRecord> Tablespaces { get; init; }

    /// <summary>Configuration files, wherever they lie; empty where the role may not know, and over replication.</summary>
    public required IReadOnlyList<string> ConfigurationFiles { get; init; }

    /// <summary>Over SQL.</summary>
    public static async Task<ClusterFacts> ReadAsync(PostgresConnection connection, CancellationToken cancellationToken)
    {
        // The view shows nothing of what a role may not see, where current_setting() would be an error.
        var rows = await connection.QueryAsync(
            """
            select s.system_identifier, c.timeline_id, pg_is_in_recovery(), current_setting('data_checksums'),
                   i.bytes_per_wal_segment
            from pg_control_system() s, pg_control_checkpoint() c, pg_control_init() i
            """,
            cancellationToken
        );
        var row = rows[0];
        var tablespaces = await connection.QueryAsync(
            "select oid, pg_tablespace_location(oid) from pg_tablespace where pg_tablespace_location(oid) <> '' order by oid",
            cancellationToken
        );
        var files = await connection.QueryAsync(
            "select setting from pg_settings where name in ('config_file', 'hba_file', 'ident_file')",
            cancellationToken
        );
        return new ClusterFacts
        {
            SystemIdentifier = unchecked((ulong)long.Parse(row[0] ?? "", CultureInfo.InvariantCulture)),
            ServerVersion = connection.ServerVersion,
            Timeline = uint.Parse(row[1] ?? "", CultureInfo.InvariantCulture),
            IsStandby = row[2] == "t",
            HasDataChecksums = row[3] == On,
            WalSegmentBytes = int.Parse(row[4] ?? "", CultureInfo.InvariantCulture),
            Tablespaces =
            [
                .. tablespaces.Select(t => new TablespaceRecord(
                    uint.Parse(t[0] ?? "", CultureInfo.InvariantCulture),
                    t[1] ?? ""
                )),
            ],
            ConfigurationFiles = [.. files.Select(file => file[0]).OfType<string>()],
        };
    }

    /// <summary>Over a replication connection, which needs no right but that. The tablespaces come with the backup.</summary>
    public static async Task<ClusterFacts> IdentifyAsync(
        PostgresConnection replication,
        CancellationToken cancellationToken
    )
    {
        var identity = await replication.IdentifySystemAsync(cancellationToken);
        return new ClusterFacts
        {
            SystemIdentifier = identity.SystemIdentifier,
            ServerVersion = replication.ServerVersion,
            Timeline = identity.Timeline,
            IsStandby = await replication.ShowAsync("in_hot_standby", cancellationToken) == On,
            HasDataChecksums = await replication.ShowAsync("data_checksums", cancellationToken) == On,
            WalSegmentBytes = (int)await replication.ShowWalSegmentSizeAsync(cancellationToken),
            Tablespaces = [],
            ConfigurationFiles = [],
        };
    }
}
