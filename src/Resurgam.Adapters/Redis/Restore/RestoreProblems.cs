using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Redis.Restore;

internal static class RestoreProblems
{
    public static ResurgamException Running(string target, int process) =>
        new(
            new Problem(
                "redis-running-refused",
                Remedy.Fix,
                string.Create(CultureInfo.InvariantCulture, $"a server runs in {target} (process {process})"),
                "It would write its own data over the restored ones when it stops: stop it first ('redis-cli shutdown nosave', or the service's own command), or restore into another folder."
            )
        );

    public static ResurgamException NotEmpty(string target) =>
        new(
            new Problem(
                "target-not-empty-refused",
                Remedy.Fix,
                $"{target} is not empty",
                "Name an empty folder: the server starts with whatever lies in its own."
            )
        );

    public static ResurgamException OldAppendOnly(string target, string file) =>
        new(
            new Problem(
                "redis-old-aof-refused",
                Remedy.Fix,
                $"{target} holds {file}, which is no part of the snapshot",
                $"A server with 'appendonly yes' would load that in place of the restored data: move it away ('mv {target} {target}.old') and restore into the empty folder."
            )
        );

    public static ResurgamException CheckFailed(string target, string tool, string told) =>
        new(
            new Problem(
                "redis-check-damaged",
                Remedy.Fix,
                $"the data are restored to {target}, and {tool} finds them wrong: {told}",
                "A tool that is older than the server does not know its files: compare 'redis-server --version' with the record ('resurgam cat SNAPSHOT resurgam/snapshot.json'); else take another snapshot."
            )
        );
}
