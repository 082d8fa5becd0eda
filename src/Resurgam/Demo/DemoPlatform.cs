using System.Globalization;

namespace Resurgam.Demo;

/// <summary>The synthetic platform: a pure function of the scale. No person in it exists.</summary>
internal static class DemoPlatform
{
    public const string Database = "healthcare_gitops";

    /// <summary>What holds of the platform's data as long as nobody has damaged it, in the ways that its disasters do.</summary>
    public const string IsUndamaged =
        "select exists (select from audit_logs) and not exists (select from patients where record = '{}')";

    private const int UsersPerScale = 2_000;
    private const int PatientsPerScale = 20_000;
    private const int CommitsPerScale = 10_000;
    private const int AuditRowsPerScale = 150_000;

    /// <summary>The writer's table is <c>audit_logs</c>: its rows have a writer and a number, those of the seed have none.</summary>
    public static string Schema =>
        """
            create table users (
                id int primary key, email text not null unique, role text not null, created_at timestamptz not null
            );
            create table patients (
                id int primary key, mrn text not null unique, born date not null, record jsonb not null
            );
            create table commits (
                sha text primary key, author_id int not null references users, message text not null,
                risk numeric(4,3) not null, committed_at timestamptz not null
            );
            create table audit_logs (
                id bigint generated always as identity primary key, writer int, number bigint,
                occurred_at timestamptz not null default clock_timestamp(), actor text not null, action text not null,
                details jsonb not null, unique (writer, number)
            );
            """;

    public static IReadOnlyList<string> Rows(int scale) =>
        [
            Filled(
                """
                insert into users select i, 'user' || i || '@clinic.example', (array['engineer','clinician','auditor'])[1 + i % 3],
                    timestamptz '2025-01-01Z' + i * interval '7 minutes' from generate_series(1, {0}) i
                """,
                UsersPerScale * scale
            ),
            Filled(
                """
                insert into patients select i, 'MRN-' || lpad(i::text, 9, '0'), date '1930-01-01' + (i * 7919) % 33000,
                    jsonb_build_object('blood', (array['A+','B+','0+','AB-'])[1 + i % 4], 'note', md5('patient' || i) || md5('note' || i))
                from generate_series(1, {0}) i
                """,
                PatientsPerScale * scale
            ),
            Filled(
                """
                insert into commits select encode(sha256(('commit' || i)::bytea), 'hex'), 1 + i % 2000, 'feat(phi): change ' || i || ' ' || md5(i::text),
                    (i * 37 % 1000) / 1000.0, timestamptz '2025-06-01Z' + i * interval '3 minutes' from generate_series(1, {0}) i
                """,
                CommitsPerScale * scale
            ),
            Filled(
                """
                insert into audit_logs (occurred_at, actor, action, details)
                select timestamptz '2025-01-01Z' + i * interval '11 seconds', 'user' || 1 + i % 2000, (array['read','write','deploy','login'])[1 + i % 4],
                    jsonb_build_object('ip', '10.' || i % 256 || '.' || i * 7 % 256 || '.' || i * 13 % 256, 'session', md5('s' || i), 'resource', 'patient/' || i % 20000)
                from generate_series(1, {0}) i
                """,
                AuditRowsPerScale * scale
            ),
        ];

    /// <summary>Makes the database and fills it.</summary>
    /// <returns>Bytes of all databases of the server.</returns>
    public static async Task<long> LoadAsync(DemoCluster cluster, int scale, CancellationToken cancellationToken)
    {
        await using (var session = await cluster.ConnectAsync("postgres", cancellationToken))
            await session.QueryAsync($"create database {Database}", cancellationToken);
        await using var database = await cluster.ConnectAsync(Database, cancellationToken);
        await database.QueryAsync(Schema, cancellationToken);
        foreach (var rows in Rows(scale))
            await database.QueryAsync(rows, cancellationToken);
        var size = await database.ScalarAsync("select sum(pg_database_size(oid)) from pg_database", cancellationToken);
        return long.Parse(size ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>The content that a writer's row must have: so a recovered row is compared and not only counted.</summary>
    public static string Insert(int writer, long number) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"insert into audit_logs (writer, number, actor, action, details) values ({writer}, {number}, 'writer{writer}', 'append', jsonb_build_object('proof', md5('{writer}-{number}')))"
        );

    /// <summary>How many of a writer's rows 1 to <paramref name="last"/> are there, as they were written.</summary>
    public static string CountIntact(int writer, long last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"select count(*) from audit_logs where writer = {writer} and number <= {last} and details->>'proof' = md5('{writer}-' || number)"
        );

    private static string Filled(string sql, int rows) =>
        sql.Replace("{0}", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
