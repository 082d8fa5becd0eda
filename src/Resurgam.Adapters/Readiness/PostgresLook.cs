using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Readiness;

namespace Resurgam.Adapters.Readiness;

/// <summary>A cluster as it is, held against its newest snapshot.</summary>
public sealed record PostgresLook
{
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Of the replication slot.</summary>
    public required string Slot { get; init; }

    /// <summary>Backups ask SQL as well; else the role may have no right but REPLICATION, and is asked for no more.</summary>
    public required bool AsksSql { get; init; }

    /// <summary>Of the newest snapshot; null: there is none.</summary>
    public PostgresRecord? Record { get; init; }

    /// <exception cref="ResurgamException">It cannot be reached, or refuses us.</exception>
    public async Task<IReadOnlyList<AssetFinding>> RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        List<AssetFinding> findings = [];
        await using (
            var replication = await PostgresConnection.OpenAsync(
                Connection,
                SessionKind.PhysicalReplication,
                time,
                cancellationToken
            )
        )
        {
            var identity = await replication.IdentifySystemAsync(cancellationToken);
            var found = identity.SystemIdentifier.ToString(CultureInfo.InvariantCulture);
            if (Record is not null && Record.SystemIdentifier != found)
                findings.Add(ReadinessFindings.OtherSource("system identifier", found, Record.SystemIdentifier));
            if (await replication.ReadSlotAsync(Slot, cancellationToken) is null)
                findings.Add(ReadinessFindings.SlotMissing(Slot));
        }
        if (AsksSql)
            findings.AddRange(await AskAsync(time, cancellationToken));
        return findings;
    }

    private async Task<IReadOnlyList<AssetFinding>> AskAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        List<AssetFinding> findings = [];
        await using var connection = await PostgresConnection.OpenAsync(
            Connection,
            SessionKind.Sql,
            time,
            cancellationToken
        );
        // Questions are asked in the database of the connection; what lies in others no verification looks into.
        var databases = await connection.QueryAsync(
            "select datname from pg_database where datallowconn and not datistemplate and datname not in (current_database(), 'postgres') order by 1",
            cancellationToken
        );
        if (databases.Count > 0)
            findings.Add(ReadinessFindings.Uncovered("database", [.. databases.Select(row => row[0] ?? "")]));
        var tablespaces = await connection.QueryAsync(
            "select oid, pg_tablespace_location(oid) from pg_tablespace where pg_tablespace_location(oid) <> '' order by oid",
            cancellationToken
        );
        var known = Record?.Tablespaces.Select(each => each.Oid.ToString(CultureInfo.InvariantCulture)).ToHashSet();
        var added = tablespaces.Where(row => known?.Contains(row[0] ?? "") == false).Select(row => row[1] ?? "");
        if (added.ToList() is { Count: > 0 } places)
            findings.Add(ReadinessFindings.NewTablespaces(places));
        return findings;
    }
}
