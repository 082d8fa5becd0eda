using System.Diagnostics;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>One service dies right after a change to it; the database works on.</summary>
internal sealed class ServiceFailure : DemoScenario
{
    private const string Service = "auth-service";
    private const string GoodRelease = "replicas: 3";
    private const string BadRelease = "replicas: 0";

    private static readonly StepId Rollback = new("rollback");

    private DemoRepository? _releases;

    public override string Name => "service-failure";

    public override string InPlan => "service-failure";

    public override string Fault => $"{Service} is killed with -9 right after a change to it";

    public override StepId KilledIn => new("restart");

    public override bool HitsDatabase => false;

    public override async Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        _releases = await platform.Files.ReleaseAsync(GoodRelease, cancellationToken);

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        if (_releases is not null)
            await _releases.CommitAsync(BadRelease, cancellationToken);
        await platform.KillServiceAsync(Service, cancellationToken);
        return null;
    }

    public override Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    ) => throw new UnreachableException($"nothing of the runbook is by hand, and step {step} is not");

    public override string? SkipsFor(StepId step) =>
        step == Rollback && _releases is null ? "no change is the cause" : null;

    /// <summary>The service answers, and what it is rolled out of would bring no second failure.</summary>
    public override async Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        await platform.AnswersAsync(Service, cancellationToken)
        && (_releases is null || await _releases.ReadAsync(cancellationToken) == GoodRelease);
}
