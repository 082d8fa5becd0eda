using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.Adapters.LogicalPostgres.Capture;

/// <summary>
/// One transaction a database, each of which sees nothing newer than its beginning. PostgreSQL exports a snapshot for one
/// database alone; but transaction numbers are the server's, so databases whose transactions see the same numbers are of
/// one moment. It is tried again until they are, or a busy server has not let them be often enough.
/// </summary>
internal sealed class HeldMoments : IAsyncDisposable
{
    /// <summary>An attempt takes about a round trip: this is well below a second, and a transaction that ends between two of them is rare.</summary>
    private const int MostAttempts = 50;

    private readonly List<HeldDatabase> _databases = [];

    private HeldMoments() { }

    public IReadOnlyList<HeldDatabase> Databases => _databases;

    public static async Task<HeldMoments> HoldAsync(
        ConnectionSettings server,
        IEnumerable<string> databases,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        HeldMoments moments = new();
        try
        {
            foreach (var database in databases)
            {
                var session = await PostgresConnection.OpenAsync(
                    server with
                    {
                        Database = database,
                    },
                    SessionKind.Sql,
                    time,
                    cancellationToken
                );
                moments._databases.Add(new HeldDatabase(database, session));
                await session.QueryAsync(HeldDatabase.Settings, cancellationToken);
            }
            await moments.AlignAsync(cancellationToken);
            return moments;
        }
        catch
        {
            await moments.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
            await database.Session.DisposeAsync();
    }

    private async Task AlignAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await Task.WhenAll(_databases.Select(database => database.BeginAsync(cancellationToken)));
            if (attempt == MostAttempts || _databases.DistinctBy(database => database.Sees).Count() <= 1)
                break;
            await Task.WhenAll(_databases.Select(database => database.EndAsync(cancellationToken)));
        }
        List<string> moments = [];
        foreach (var database in _databases)
        {
            if (!moments.Contains(database.Sees))
                moments.Add(database.Sees);
            database.Moment = 1 + moments.IndexOf(database.Sees);
            await database.ExportAsync(cancellationToken);
        }
    }
}

/// <summary>A database, held at a moment.</summary>
internal sealed class HeldDatabase(string name, PostgresConnection session)
{
    /// <summary>Texts of values must be the same wherever they are made; and nothing may end the transaction for its age.</summary>
    public const string Settings =
        "set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set bytea_output = 'hex';"
        + " set extra_float_digits = 3; set row_security = off; set search_path = pg_catalog;"
        + " set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;"
        + " set client_encoding = 'UTF8'";

    public string Name => name;

    public PostgresConnection Session => session;

    public int Moment { get; set; }

    /// <summary>The transactions that it sees.</summary>
    public string Sees { get; private set; } = "";

    public string Lsn { get; private set; } = "";

    public DateTimeOffset At { get; private set; }

    /// <summary>For other sessions to see the same.</summary>
    public string Snapshot { get; private set; } = "";

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            """
            begin isolation level repeatable read read only;
            select pg_current_snapshot(),
                   case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
                   extract(epoch from clock_timestamp())
            """,
            cancellationToken
        );
        Sees = rows[0][0] ?? "";
        Lsn = rows[0][1] ?? "";
        At = DateTimeOffset.UnixEpoch.AddTicks(
            (long)(decimal.Parse(rows[0][2] ?? "0", CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond)
        );
    }

    public async Task EndAsync(CancellationToken cancellationToken) =>
        await session.QueryAsync("rollback", cancellationToken);

    public async Task ExportAsync(CancellationToken cancellationToken) =>
        Snapshot = await session.ScalarAsync("select pg_export_snapshot()", cancellationToken) ?? "";
}
