using Resurgam.Core.Problems;

namespace Resurgam.Verifications;

internal static class VerifyProblems
{
    public static ResurgamException NotSupported(string asset, string kind) =>
        new(
            new Problem(
                "verify-kind",
                Remedy.Fix,
                $"asset {asset} is of kind {kind}, and what such a folder is good for only its owner knows",
                "For files run 'resurgam vault check --read-data' and restore into a scratch folder."
            )
        );
}
