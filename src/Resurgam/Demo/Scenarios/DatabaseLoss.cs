using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>The database server dies in the middle of its work, and its files with it.</summary>
internal sealed class DatabaseLoss : DemoScenario
{
    public override string Name => "database-loss";

    public override string InPlan => "database-failure";

    public override string Fault =>
        "the database server is killed with -9 in the middle of its work, its files are gone";

    public override bool HitsCluster => false;

    public override StepId KilledIn => new("restore");

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await platform.Cluster.DestroyAsync(cancellationToken);
        return null;
    }

    public override bool IsInTheMiddle(ReferencePlatform platform) => platform.IsRestoring;

    public override Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    ) => Task.FromResult("host and network are well, the data directory is gone: lost");

    public override Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.AllAnswerAsync(cancellationToken);
}
