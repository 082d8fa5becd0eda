using System.Diagnostics;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>One service dies; the database works on.</summary>
internal sealed class ServiceFailure : DemoScenario
{
    private const string Service = "auth-service";

    public override string Name => "service-failure";

    public override string InPlan => "service-failure";

    public override string Fault => $"{Service} is killed with -9";

    public override StepId KilledIn => new("restart");

    public override bool HitsDatabase => false;

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await platform.KillServiceAsync(Service, cancellationToken);
        return null;
    }

    public override Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    ) => throw new UnreachableException($"nothing of the runbook is by hand, and step {step} is not");

    public override Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.AnswersAsync(Service, cancellationToken);
}
