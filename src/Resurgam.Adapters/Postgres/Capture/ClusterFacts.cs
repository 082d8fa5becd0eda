using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>What a running cluster says of itself over SQL.</summary>
internal sealed record ClusterFacts
{
    public required ulong SystemIdentifier { get; init; }
    public required int ServerVersion { get; init; }
    public required uint Timeline { get; init; }
    public required bool IsStandby { get; init; }
    public required bool HasDataChecksums { get; init; }
    public required int WalSegmentBytes { get; init; }
    public required IReadOnlyList<TablespaceRecord> Tablespaces { get; init; }

    /// <summary>Configuration files, wherever they lie.</summary>
    public required IReadOnlyList<string> ConfigurationFiles { get; init; }

    public static async Task<ClusterFacts> ReadAsync(PostgresConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync(
            """
            select s.system_identifier, c.timeline_id, pg_is_in_recovery(), current_setting('data_checksums'),
                   i.bytes_per_wal_segment, current_setting('config_file'), current_setting('hba_file'),
                   current_setting('ident_file')
            from pg_control_system() s, pg_control_checkpoint() c, pg_control_init() i
            """,
            cancellationToken
        );
        var row = rows[0];
        var tablespaces = await connection.QueryAsync(
            "select oid, pg_tablespace_location(oid) from pg_tablespace where pg_tablespace_location(oid) <> '' order by oid",
            cancellationToken
        );
        return new ClusterFacts
        {
            SystemIdentifier = unchecked((ulong)long.Parse(row[0] ?? "", CultureInfo.InvariantCulture)),
            ServerVersion = connection.ServerVersion,
            Timeline = uint.Parse(row[1] ?? "", CultureInfo.InvariantCulture),
            IsStandby = row[2] == "t",
            HasDataChecksums = row[3] == "on",
            WalSegmentBytes = int.Parse(row[4] ?? "", CultureInfo.InvariantCulture),
            Tablespaces =
            [
                .. tablespaces.Select(t => new TablespaceRecord(
                    uint.Parse(t[0] ?? "", CultureInfo.InvariantCulture),
                    t[1] ?? ""
                )),
            ],
            ConfigurationFiles = [.. row[5..].OfType<string>()],
        };
    }
}
