using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>All that is in the first region is gone, with the vault's own place and what this machine knew.</summary>
internal sealed class RegionOutage : DemoScenario
{
    private const string Replica = "second-region";

    public override string Name => "region-outage";

    public override string InPlan => "region-outage";

    public override string Fault =>
        "the first region is gone: database, services, files, the WAL stream's machine, and the vault's own place";

    public override StepId KilledIn => new("database");

    public override string? From => Replica;

    public override async Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await platform.Files.ProtectAsync(cancellationToken);
        await platform.StartCopyAsync(Replica, cancellationToken);
    }

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        platform.DestroyMachine();
        await platform.DestroyAsync(cancellationToken);
        return null;
    }

    public override bool IsInTheMiddle(ReferencePlatform platform) => platform.IsRestoring;

    public override Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    ) => Task.FromResult("credentials of the old region withdrawn, ingress closed");

    public override async Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.Files is { AreBack: true, TrafficGoesTo: "second-region" }
        && await platform.AllAnswerAsync(cancellationToken);
}
