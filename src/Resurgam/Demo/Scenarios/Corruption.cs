using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Rows are damaged at a known moment, and people work on for a while before anybody sees it.</summary>
internal sealed class Corruption : DemoScenario
{
    private const string Service = "phi-service";
    private const int RowsAtOnce = 500;

    public override string Name => "corruption";

    public override string InPlan => "data-corruption";

    public override string Fault =>
        "the records of a third of all patients are overwritten, and nobody sees it for a while";

    public override bool HitsCluster => false;

    public override StepId KilledIn => new("restore");

    /// <summary>Its server runs already, and waits for WAL from the process that is killed.</summary>
    public override bool IsInTheMiddle(ReferencePlatform platform) => platform.Restored.HasServer;

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await using var database = await platform.ConnectAsync(cancellationToken);
        var lastGood = await database.ScalarAsync(
            "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
            cancellationToken
        );
        await database.QueryAsync("select pg_sleep(0.1)", cancellationToken);
        await database.QueryAsync("update patients set record = '{}' where id % 3 = 0", cancellationToken);
        await database.QueryAsync("select pg_sleep(1)", cancellationToken);
        return lastGood;
    }

    public override async Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    )
    {
        if (step.Value == "find")
            return "the audit log has the statement; the run was begun with the moment before it";
        var carried = await ReconcileAsync(platform, cancellationToken);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{carried} rows of the audit log carried over; no other table was changed since, but for the damage"
        );
    }

    /// <summary>The database is right, and the service has left the damaged one.</summary>
    public override async Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await platform.ConnectAsync(cancellationToken);
            return await database.ScalarAsync(DemoPlatform.IsUndamaged, cancellationToken) == "t"
                && await platform.AllAnswerAsync(cancellationToken)
                && await platform.AnswersAsync(Service, DemoServiceCommand.DataPath, cancellationToken);
        }
        catch (ResurgamException)
        {
            return false; // out of reach while it is switched
        }
    }

    /// <summary>What was written well after the recovery point, from the damaged database into the restored one.</summary>
    private static async Task<int> ReconcileAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await using var damaged = await platform.ConnectAsync(cancellationToken);
        await using var restored = await platform.Restored.ConnectAsync(DemoPlatform.Database, cancellationToken);
        var newest = await restored.ScalarAsync("select max(id) from audit_logs", cancellationToken);
        var rows = await damaged.QueryAsync(
            $"select format('(%L, %L, %L, %L, %L, %L)', writer, number, occurred_at, actor, action, details) from audit_logs where writer is not null and id > {newest} - {RowsAtOnce} order by id",
            cancellationToken
        );
        var carried = 0;
        foreach (var some in rows.Select(row => row[0]).Chunk(RowsAtOnce))
        {
            var added = await restored.QueryAsync(
                $"insert into audit_logs (writer, number, occurred_at, actor, action, details) values {string.Join(',', some)} on conflict (writer, number) do nothing returning id",
                cancellationToken
            );
            carried += added.Count;
        }
        return carried;
    }
}
