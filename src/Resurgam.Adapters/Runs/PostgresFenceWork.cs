using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>A connection limit of 0 keeps all but superusers out, and is a fact of the database: it outlives restarts.</summary>
internal sealed class PostgresFenceWork(StepAction.PostgresFence action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string Limit = "limit.";

    private const string Clients =
        "pg_stat_activity a join pg_roles r on r.oid = a.usesysid where a.backend_type = 'client backend' and a.pid <> pg_backend_pid() and not r.rolsuper";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var databases = await ListAsync(server, cancellationToken);
        var clients = await server.ScalarAsync($"select count(*) from {Clients}", cancellationToken);
        return StepReport.Done(
            $"{clients} sessions in {databases.Count} databases would be kept out",
            [.. databases.Select(database => new StepNote(Limit + database.Name, database.Limit))]
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        foreach (var (name, _) in await ListAsync(server, cancellationToken))
            await server.QueryAsync($"alter database {SqlText.Identifier(name)} connection limit 0", cancellationToken);
        var ended = await server.QueryAsync($"select pg_terminate_backend(a.pid) from {Clients}", cancellationToken);
        while (await server.ScalarAsync($"select count(*) from {Clients}", cancellationToken) != "0")
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        return StepReport.Done($"only superusers get in; {ended.Count} sessions were ended");
    }

    /// <summary>A server that could not be asked how it was, because it was down, was not fenced either.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (!Call.Notes.Any(note => note.Name.StartsWith(Limit, StringComparison.Ordinal)))
            return StepReport.Done("it was out of reach before, and nothing of it was changed");
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var there = (await ListAsync(server, cancellationToken)).Select(database => database.Name).ToHashSet();
        foreach (var note in Call.Notes.Where(note => note.Name.StartsWith(Limit, StringComparison.Ordinal)))
            if (there.Contains(note.Name[Limit.Length..]) && int.TryParse(note.Value, out var limit))
                await server.QueryAsync(
                    $"alter database {SqlText.Identifier(note.Name[Limit.Length..])} connection limit {limit}",
                    cancellationToken
                );
        return StepReport.Done("clients get in again");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        return (await ListAsync(server, cancellationToken)).All(database => database.Limit == "0")
            && await server.ScalarAsync($"select count(*) from {Clients}", cancellationToken) == "0";
    }

    private static async Task<IReadOnlyList<(string Name, string Limit)>> ListAsync(
        PostgresConnection server,
        CancellationToken cancellationToken
    )
    {
        var rows = await server.QueryAsync(
            "select datname, datconnlimit from pg_database where not datistemplate and datallowconn order by datname",
            cancellationToken
        );
        return [.. rows.Select(row => (row[0] ?? "", row[1] ?? "-1"))];
    }
}
