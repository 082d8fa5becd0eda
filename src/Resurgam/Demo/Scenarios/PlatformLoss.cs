using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Services, database and files are lost together, and the platform comes back in another place.</summary>
/// <param name="newPlace">Where traffic goes at the end.</param>
/// <param name="fenced">What a person says of the old place, once it takes no writes.</param>
internal abstract class PlatformLoss(string newPlace, string fenced) : DemoScenario
{
    public override StepId KilledIn => new("database");

    public override async Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await platform.Files.ProtectAsync(cancellationToken);
        await platform.ProtectClusterAsync(cancellationToken);
    }

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
    ) => Task.FromResult(fenced);

    public override async Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.Files.AreBack
        && platform.Files.TrafficGoesTo == newPlace
        && (platform.Objects is null || await platform.Objects.IsBackAsync(cancellationToken))
        && await platform.AllAnswerAsync(cancellationToken);
}
