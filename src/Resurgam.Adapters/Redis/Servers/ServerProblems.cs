using System.Globalization;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Redis.Servers;

internal static class ServerProblems
{
    public const string NotStartedCode = "redis-not-started";
    public const string NoBinariesCode = "redis-no-binaries";

    public static ResurgamException NoBinaries(string program, string? folder) =>
        new(
            new Problem(
                NoBinariesCode,
                Remedy.Fix,
                $"{program}-server is not installed here{(folder is null ? "" : $" (the plan names {folder})")}",
                $"Install it ('apt-get install {program}-server'), or name its folder as 'binaries' of the asset in the plan."
            )
        );

    /// <param name="user">Who runs it; null: we ourselves.</param>
    public static ResurgamException NotStarted(string program, string? user, string log) =>
        new(
            new Problem(
                NotStartedCode,
                Remedy.Fix,
                $"{program} did not come up{(user is null ? "" : $" as user {user}")}: {log}",
                log.Contains("denied", StringComparison.OrdinalIgnoreCase)
                    ? $"Let {user ?? "this user"} reach what its settings name (folders of sockets and logs), or set another with '--set'."
                    : "Read its log; a server that is older than the one that was captured does not know its files."
            )
        );

    public static ResurgamException OtherServer(ConnectionSettings address, string log) =>
        new(
            new Problem(
                NotStartedCode,
                Remedy.Fix,
                $"{address.Server} is another server than the restored one, which did not come up: {log}",
                "Stop the other one, or let this one listen elsewhere: '--set port=6380'. The data are restored: run it again with --delta."
            )
        );

    public static ResurgamException NotStopped(int process) =>
        new(
            new Problem(
                "redis-not-stopped",
                Remedy.Fix,
                string.Create(CultureInfo.InvariantCulture, $"the scratch server, process {process}, does not end"),
                string.Create(CultureInfo.InvariantCulture, $"End it with 'kill -9 {process}', then run this again.")
            )
        );
}
