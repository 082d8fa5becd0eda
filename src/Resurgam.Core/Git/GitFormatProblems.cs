using Resurgam.Core.Problems;

namespace Resurgam.Core.Git;

internal static class GitFormatProblems
{
    public static ResurgamException NoRecord(string snapshot) =>
        new(
            new Problem(
                "git-no-record",
                Remedy.Fix,
                $"snapshot {snapshot} has no readable record of Git repositories ({GitRecord.Path})",
                "Choose another one: 'resurgam snapshots' lists them with their kinds; 'resurgam restore SNAPSHOT --path git --to FOLDER' brings the bare repositories back."
            )
        );
}
