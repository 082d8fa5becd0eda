using Resurgam.Adapters.LogicalPostgres.Restore;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresSwapWork(StepAction.PostgresSwap action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Note: <c>yes</c> when there was a database of the name.</summary>
    private const string Replaces = "replaces";

    /// <summary>Every server has them.</summary>
    private static readonly string[] Standing = ["postgres", "template1"];

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(Apart, cancellationToken);
        var there = await ListAsync(server, cancellationToken);
        var sessions = await new DatabaseSwap(server).CountSessionsAsync(
            [action.Database, action.Beside],
            cancellationToken
        );
        return StepReport.Done(
            $"{action.Beside} would become {action.Database}, and {sessions} sessions would be ended",
            new StepNote(Replaces, there.Contains(action.Database) ? "yes" : "no")
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(Apart, cancellationToken);
        var there = await ListAsync(server, cancellationToken);
        if (IsDone(there))
            return StepReport.Done($"{action.Database} is the copy already");
        if (!there.Contains(action.Beside))
            throw ActionProblems.NoDatabase(action.Beside, action.On);
        if (there.Contains(action.Keep))
            throw ActionProblems.NameTaken(action.Keep, action.On);
        await ProveAsync(cancellationToken);
        var kept = there.Contains(action.Database) ? action.Keep : null;
        await new DatabaseSwap(server).RunAsync(
            [new SwapPair(action.Database, action.Beside, kept)],
            cancellationToken
        );
        return StepReport.Done(
            kept is null
                ? $"{action.Beside} is {action.Database} now"
                : $"{action.Beside} is {action.Database} now, and the old one is {kept}"
        );
    }

    /// <summary>The same exchange the other way round: nothing is dropped here either.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(Apart, cancellationToken);
        var there = await ListAsync(server, cancellationToken);
        if (Call.FindNote(Replaces) is not { } replaces || !IsDone(there))
            return StepReport.Done("no name was changed");
        if (replaces == "yes")
            await new DatabaseSwap(server).RunAsync(
                [new SwapPair(action.Database, action.Keep, action.Beside)],
                cancellationToken
            );
        else
            await new DatabaseSwap(server).RunAsync(
                [new SwapPair(action.Beside, action.Database, Kept: null)],
                cancellationToken
            );
        return StepReport.Done("the names are as they were");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(Apart, cancellationToken);
        return IsDone(await ListAsync(server, cancellationToken));
    }

    /// <summary>Names change all at once, so that they tell which side of the exchange this is.</summary>
    private bool IsDone(HashSet<string> there) =>
        !there.Contains(action.Beside)
        && there.Contains(action.Database)
        && (Call.FindNote(Replaces) == "no" || there.Contains(action.Keep));

    private async Task ProveAsync(CancellationToken cancellationToken)
    {
        await using var copy = await ConnectAsync(action.Beside, cancellationToken);
        var value = await copy.ScalarAsync(action.Query, cancellationToken);
        if (value != action.Expect)
            throw ActionProblems.CopyUnproven(action.Beside, action.On, value ?? "", action.Expect);
    }

    /// <summary>A session keeps the name of its own database from being changed.</summary>
    private string Apart =>
        Standing.First(name => name != action.Database && name != action.Beside && name != action.Keep);

    private Task<PostgresConnection> ConnectAsync(string database, CancellationToken cancellationToken) =>
        PostgresConnection.OpenAsync(
            ConnectionSettings.Parse(Target<Target.Postgres>(action.On).Connection, Tools.Variable) with
            {
                Database = database,
            },
            SessionKind.Sql,
            Tools.Time,
            cancellationToken
        );

    private static async Task<HashSet<string>> ListAsync(PostgresConnection server, CancellationToken cancellationToken)
    {
        var rows = await server.QueryAsync("select datname from pg_database", cancellationToken);
        return [.. rows.Select(row => row[0] ?? "")];
    }
}
