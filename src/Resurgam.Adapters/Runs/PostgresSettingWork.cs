using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class PostgresSettingWork(StepAction.PostgresSetting action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string Old = "old-value";
    private const string WasSet = "was-set";

    /// <summary>A reload is a signal: the server takes a moment.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private string Name => SqlText.Literal(action.Name);

    /// <summary>The value as <c>alter system</c> has it now: that comes back, or nothing.</summary>
    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var setting = await ReadAsync(server, cancellationToken);
        var written = await server.ScalarAsync(
            $"select setting from pg_file_settings where name = {Name} and sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1",
            cancellationToken
        );
        return StepReport.Done(
            $"{action.Name} is {setting.Value}, and would be {action.Value} after a {(setting.TakesRestart ? "restart" : "reload")}",
            new StepNote(Old, written ?? ""),
            new StepNote(WasSet, written is null ? "no" : "yes")
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await SetAsync(
            $"alter system set {SqlText.Identifier(action.Name)} = {Literal(action.Value)}",
            cancellationToken
        );
        return await AwaitAsync(cancellationToken);
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        var wasSet = Call.FindNote(WasSet);
        if (wasSet is null)
            return StepReport.Done("nothing was noted before the effect: nothing was changed");
        await SetAsync(
            wasSet == "yes"
                ? $"alter system set {SqlText.Identifier(action.Name)} = {Literal(Call.FindNote(Old) ?? "")}"
                : $"alter system reset {SqlText.Identifier(action.Name)}",
            cancellationToken
        );
        return StepReport.Done($"{action.Name} is as it was");
    }

    /// <summary>By kind of the setting: reload or restart. Refused before anything is changed.</summary>
    private async Task SetAsync(string statement, CancellationToken cancellationToken)
    {
        if (action.MayRestart && (Call.Attempt > 1 || Call.IsUndo))
            await ServerControl.BringUpAsync(Target<Target.Postgres>(action.On), Call, Tools, cancellationToken);
        bool takesRestart;
        await using (var server = await ConnectAsync(action.On, cancellationToken))
        {
            takesRestart = (await ReadAsync(server, cancellationToken)).TakesRestart;
            if (takesRestart && !action.MayRestart)
                throw ActionProblems.SettingNeedsRestart(action.Name, action.On);
            await server.QueryAsync(statement, cancellationToken);
            await server.QueryAsync("select pg_reload_conf()", cancellationToken);
        }
        if (takesRestart)
            await ServerControl.RestartAsync(Target<Target.Postgres>(action.On), Call, Tools, cancellationToken);
    }

    /// <summary>Until the server says that the value counts, and where it comes from.</summary>
    private async Task<StepReport> AwaitAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var began = Tools.Time.GetTimestamp();
        while (true)
        {
            var counts = await server.QueryAsync(
                $"select s.setting || coalesce(s.unit, ''), s.source, s.pending_restart, coalesce(s.sourcefile like '%/postgresql.auto.conf', s.source = 'configuration file') from pg_settings s where s.name = {Name}",
                cancellationToken
            );
            var (value, source) = (counts[0][0] ?? "", counts[0][1] ?? "");
            if (counts[0][2] == "f" && counts[0][3] == "t")
                return StepReport.Done($"{action.Name} is {value}");
            if (Tools.Time.GetElapsedTime(began) > Patience)
                throw ActionProblems.SettingOverruled(action.Name, action.On, value, source);
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        }
    }

    private async Task<(string Value, bool TakesRestart)> ReadAsync(
        PostgresConnection server,
        CancellationToken cancellationToken
    )
    {
        var rows = await server.QueryAsync(
            $"select setting || coalesce(unit, ''), context from pg_settings where name = {Name}",
            cancellationToken
        );
        return rows is [[{ } value, { } context], ..]
            ? (value, context == "postmaster")
            : throw ActionProblems.NoSetting(action.Name, action.On);
    }

    /// <summary>Lists as <c>search_path</c> take several words, each a literal of its own.</summary>
    private static string Literal(string value) => string.Join(", ", value.Split(", ").Select(SqlText.Literal));
}
