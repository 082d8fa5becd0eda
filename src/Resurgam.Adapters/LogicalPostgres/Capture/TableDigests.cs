using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.LogicalPostgres.Capture;

/// <summary>Counts and digests of what a database holds: taken in the moment of a dump, and again from a restored copy.</summary>
internal static class TableDigests
{
    /// <summary>Larger tables are counted whole, and of their rows one in so many goes into the digest.</summary>
    private const long WholeBytes = 256 << 20;
    private const int SampledOneIn = 64;

    /// <param name="Key">Its primary key's columns, quoted; null when it has none.</param>
    private sealed record Table(string Schema, string Name, long Bytes, string? Key)
    {
        public int OneIn =>
            Bytes <= WholeBytes ? 1
            : Key is null ? 0
            : SampledOneIn;
    }

    /// <summary>Every table with rows of its own; those of extensions are the extensions' business.</summary>
    private const string Tables = """
        select n.nspname, c.relname, pg_table_size(c.oid),
               (select string_agg(quote_ident(a.attname), ', ' order by k.place)
                from pg_index i, unnest(i.indkey) with ordinality k(number, place), pg_attribute a
                where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.number)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and (c.relpersistence = 'p' or c.relpersistence = 'u' and not pg_is_in_recovery())
              and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
              and not exists (select from pg_depend d
                              where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        order by 1, 2
        """;

    public static async Task<IReadOnlyList<LogicalTable>> ReadAsync(
        PostgresConnection session,
        CancellationToken cancellationToken
    )
    {
        List<LogicalTable> tables = [];
        foreach (var row in await session.QueryAsync(Tables, cancellationToken))
        {
            Table table = new(
                row[0] ?? "",
                row[1] ?? "",
                long.Parse(row[2] ?? "0", CultureInfo.InvariantCulture),
                row[3]
            );
            tables.Add(await AskAsync(session, table, table.OneIn, cancellationToken));
        }
        return tables;
    }

    /// <summary>The same tables as they are in a copy, asked in the same way; null where one is not there.</summary>
    public static async Task<IReadOnlyList<LogicalTable?>> ReadAgainAsync(
        PostgresConnection session,
        IReadOnlyList<LogicalTable> recorded,
        CancellationToken cancellationToken
    )
    {
        var there = (await session.QueryAsync(Tables, cancellationToken)).ToDictionary(
            row => (row[0], row[1]),
            row => row[3]
        );
        List<LogicalTable?> tables = [];
        foreach (var wanted in recorded)
            tables.Add(
                there.TryGetValue((wanted.Schema, wanted.Name), out var key)
                    ? await AskAsync(
                        session,
                        new Table(wanted.Schema, wanted.Name, 0, key),
                        key is null && wanted.OneIn > 1 ? 0 : wanted.OneIn,
                        cancellationToken
                    )
                    : null
            );
        return tables;
    }

    public static async Task<LogicalCounts> CountAsync(PostgresConnection session, CancellationToken cancellationToken)
    {
        var row = (
            await session.QueryAsync(
                """
                select (select count(*) from pg_constraint c join pg_namespace n on n.oid = c.connamespace
                        where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and c.contype in ('c', 'f', 'p', 'u', 'x')
                              and c.conparentid = 0),
                       (select count(*) from pg_constraint c join pg_namespace n on n.oid = c.connamespace
                        where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and c.contype in ('c', 'f')
                              and not c.convalidated),
                       (select count(*) from pg_index i where not i.indisvalid),
                       (select count(*) from pg_largeobject_metadata)
                """,
                cancellationToken
            )
        )[0];
        long Number(int column) => long.Parse(row[column] ?? "0", CultureInfo.InvariantCulture);
        return new LogicalCounts(Number(0), Number(1), Number(2), Number(3));
    }

    private static async Task<LogicalTable> AskAsync(
        PostgresConnection session,
        Table table,
        int oneIn,
        CancellationToken cancellationToken
    )
    {
        var from = $"only {SqlText.Identifier(table.Schema)}.{SqlText.Identifier(table.Name)} resurgam_row";
        const string digest = "coalesce(sum(('x' || left(md5(resurgam_row::text), 15))::bit(60)::bigint), 0)";
        var sampled = string.Create(
            CultureInfo.InvariantCulture,
            $"select (select count(*) from {from}), {digest} from {from} where ('x' || left(md5(row({table.Key})::text), 8))::bit(32)::bigint % {oneIn} = 0"
        );
        var row = (
            await session.QueryAsync(
                oneIn switch
                {
                    0 => $"select count(*), '' from {from}",
                    1 => $"select count(*), {digest} from {from}",
                    _ => sampled,
                },
                cancellationToken
            )
        )[0];
        return new LogicalTable(
            table.Schema,
            table.Name,
            long.Parse(row[0] ?? "0", CultureInfo.InvariantCulture),
            oneIn,
            row[1] ?? ""
        );
    }
}
