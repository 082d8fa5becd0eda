namespace Resurgam.Demo.Scenarios;

/// <summary>All that is in the first region is gone, with the vault's own place and what this machine knew.</summary>
internal sealed class RegionOutage()
    : PlatformLoss("second-region", "credentials of the old region withdrawn, ingress closed")
{
    private const string Replica = "second-region";

    public override string Name => "region-outage";

    public override string InPlan => "region-outage";

    public override string Fault =>
        "the first region is gone: database, services, files, the WAL stream's machine, and the vault's own place";

    public override string? From => Replica;

    public override async Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await base.PrepareAsync(platform, cancellationToken);
        await platform.StartCopyAsync(Replica, cancellationToken);
    }

    public override Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        platform.DestroyMachine();
        return base.BreakAsync(platform, cancellationToken);
    }
}
