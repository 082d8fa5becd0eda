using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Starts or stops a PostgreSQL server of this machine.</summary>
internal sealed class PostgresServerWork(TargetId on, bool wantsUp, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string Ran = "ran";

    private Target.Postgres Server => Target<Target.Postgres>(on);

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        var runs = await ServerControl.RunsAsync(Server, Tools, cancellationToken);
        return StepReport.Done($"{on} {(runs ? "runs" : "is down")}", new StepNote(Ran, runs ? "yes" : "no"));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        await SetAsync(wantsUp, cancellationToken);
        return StepReport.Done(wantsUp ? $"{on} takes connections" : $"{on} is down");
    }

    /// <summary>As it was before the effect, when that is known.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(Ran) is not { } ran)
            return StepReport.Done("it is not known how it was");
        await SetAsync(ran == "yes", cancellationToken);
        return StepReport.Done($"{on} is as it was: {(ran == "yes" ? "it runs" : "it is down")}");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (await ServerControl.RunsAsync(Server, Tools, cancellationToken) != wantsUp)
            return false;
        if (wantsUp)
            await using (await ConnectAsync(on, cancellationToken)) { }
        return true;
    }

    private Task SetAsync(bool isUp, CancellationToken cancellationToken) =>
        isUp
            ? ServerControl.BringUpAsync(Server, Call, Tools, cancellationToken)
            : ServerControl.StopAsync(Server, Call, Tools, cancellationToken);
}
