using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Several assets are gone at once: services, database, policies, manifests, keys.</summary>
internal sealed class ClusterFailure : DemoScenario
{
    public override string Name => "cluster-failure";

    public override string InPlan => "cluster-failure";

    public override string Fault => "services, database, policies, manifests and sealing keys are gone at once";

    public override StepId KilledIn => new("database");

    public override Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.Files.ProtectAsync(cancellationToken);

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await platform.DestroyAsync(cancellationToken);
        return null;
    }

    public override bool IsInTheMiddle(ReferencePlatform platform) => platform.IsRestoring;

    public override Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    ) => Task.FromResult("change 4711: node groups at zero, API endpoint private");

    public override async Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.Files is { AreBack: true, TrafficGoesTo: "new-cluster" }
        && await platform.AllAnswerAsync(cancellationToken);
}
