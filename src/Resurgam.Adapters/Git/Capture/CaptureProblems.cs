using Resurgam.Core.Git;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Capture;

internal static class CaptureProblems
{
    public static ResurgamException Broken(GitAddress address, string damage) =>
        new(
            new Problem(
                "git-source-broken",
                Remedy.Fix,
                $"{address}: a fresh copy is not whole: {damage}",
                "Run 'git fsck --full' where the repository lives; 'resurgam restore' brings an earlier snapshot of it back."
            )
        );

    public static ResurgamException NothingCaptured(string asset, int repositories, ResurgamException first) =>
        new(
            first.Problem with
            {
                What =
                    $"none of the {repositories} repositories of {asset} could be captured; the first: {first.Problem.What}",
            },
            first
        );
}
