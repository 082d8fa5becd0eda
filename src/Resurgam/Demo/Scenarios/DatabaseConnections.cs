using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Sessions that hang idle in a transaction take every connection that services may have.</summary>
internal sealed class DatabaseConnections : DemoScenario
{
    /// <summary>More than any server of the demo allows.</summary>
    private const int MostSessions = 1000;

    public override string Name => "database-connections";

    public override string InPlan => "database-connections";

    public override string Fault =>
        "sessions that hang idle in a transaction take every connection, those that services had, too";

    public override StepId KilledIn => new("raise");

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await TakeAllAsync(platform, cancellationToken);
        await platform.CutServicesAsync(cancellationToken);
        await TakeAllAsync(platform, cancellationToken);
        return null;
    }

    /// <exception cref="ResurgamException">The server has no limit that is reached.</exception>
    private static async Task TakeAllAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < MostSessions; i++)
                await platform.HangAsync(cancellationToken);
        }
        catch (ResurgamException)
        {
            return; // the server has none left
        }
        throw DemoProblems.NotReady("the end of the server's connections");
    }

    public override Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    ) =>
        throw new System.Diagnostics.UnreachableException($"nothing of the runbook is by hand, and step {step} is not");

    public override Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.AllAnswerAsync(cancellationToken);
}
