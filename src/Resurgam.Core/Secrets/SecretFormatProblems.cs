using Resurgam.Core.Problems;

namespace Resurgam.Core.Secrets;

internal static class SecretFormatProblems
{
    public static ResurgamException NoRecord(string snapshot) =>
        new(
            new Problem(
                "escrow-no-record",
                Remedy.Fix,
                $"snapshot {snapshot} has no readable record of a secret ({SecretRecord.Path})",
                "Choose another one: 'resurgam snapshots' lists them with their kinds."
            )
        );
}
