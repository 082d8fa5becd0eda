using Resurgam.Core.Problems;

namespace Resurgam.Verifications;

internal static class VerifyProblems
{
    public static ResurgamException NotSupported(string asset, string kind) =>
        new(
            new Problem(
                "verify-kind",
                Remedy.Fix,
                $"asset {asset} is of kind {kind}, and only PostgreSQL clusters, Redis servers and Kubernetes clusters are verified by a start",
                "For files run 'resurgam vault check --read-data' and restore into a scratch folder."
            )
        );
}
