using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

/// <summary>Starts, stops or restarts a service, by systemd or by its own programs.</summary>
internal sealed class ServiceWork(TargetId on, ServiceVerb verb, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private const string Ran = "ran";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>A service that says that it is up may need a moment to be.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private bool WantsUp => verb != ServiceVerb.Stop;

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        var runs = await RunsAsync(cancellationToken);
        return StepReport.Done($"{on} {(runs ? "runs" : "is down")}", new StepNote(Ran, runs ? "yes" : "no"));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        if (verb != ServiceVerb.Start)
            await SetAsync(isUp: false, cancellationToken);
        if (verb != ServiceVerb.Stop)
            await SetAsync(isUp: true, cancellationToken);
        return StepReport.Done(WantsUp ? $"{on} runs" : $"{on} is down");
    }

    /// <summary>As it was before the effect, when that is known.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(Ran) is not { } ran)
            return StepReport.Done("it is not known how it was");
        await SetAsync(ran == "yes", cancellationToken);
        return StepReport.Done($"{on} is as it was: {(ran == "yes" ? "it runs" : "it is down")}");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken) =>
        verb == ServiceVerb.Restart ? null : await RunsAsync(cancellationToken) == WantsUp;

    private async Task SetAsync(bool isUp, CancellationToken cancellationToken)
    {
        if (await RunsAsync(cancellationToken) == isUp)
            return;
        var service = Target<Target.Service>(on);
        var argv = service.Unit is { } unit
            ? ["systemctl", isUp ? "start" : "stop", unit]
            : (isUp ? service.Start : service.Stop) ?? [];
        var code = await RunAsync(argv, Call, Tools, cancellationToken);
        if (code != 0)
            throw ActionProblems.ExitCode(argv[0], code);
        var began = Tools.Time.GetTimestamp();
        while (await RunsAsync(cancellationToken) != isUp)
        {
            if (Tools.Time.GetElapsedTime(began) > Patience)
                throw ActionProblems.NotUp(on, !isUp);
            await Task.Delay(BetweenLooks, Tools.Time, cancellationToken);
        }
    }

    private async Task<bool> RunsAsync(CancellationToken cancellationToken)
    {
        var service = Target<Target.Service>(on);
        ValueList<string> argv = service.Unit is { } unit
            ? ["systemctl", "is-active", "--quiet", unit]
            : service.Probe ?? [];
        return await RunAsync(argv, Call, Tools, cancellationToken) == 0;
    }
}

internal enum ServiceVerb
{
    Start,
    Stop,
    Restart,
}
