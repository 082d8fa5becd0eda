using Resurgam.Adapters.Postgres.Recovery;

namespace Resurgam.Wal;

/// <summary>The <c>wal fetch</c> that a recovering server waits for once a segment: without the command line's parser, the plan and the thread pool.</summary>
/// <remarks>It answers when a feed runs and has an answer. The rest, errors above all, is <see cref="WalFetchCommand"/>'s.</remarks>
internal static class QuickFetch
{
    /// <param name="arguments">The whole command line.</param>
    /// <param name="planVariable">What <c>RESURGAM_PLAN</c> says.</param>
    /// <param name="workingFolder">Where relative paths begin.</param>
    /// <returns>The exit code; null when the long way has to be taken.</returns>
    public static int? TryRun(string[] arguments, string? planVariable, string workingFolder) =>
        arguments switch
        {
            ["wal", "fetch", "--socket", var socket, var name, var target] => Fetch(
                socket,
                name,
                target,
                workingFolder
            ),
            ["wal", "fetch", var asset, var name, var target] => Fetch(
                planVariable,
                asset,
                name,
                target,
                workingFolder
            ),
            ["--plan", var plan, "wal", "fetch", var asset, var name, var target] => Fetch(
                plan,
                asset,
                name,
                target,
                workingFolder
            ),
            _ => null,
        };

    private static int? Fetch(string? plan, string asset, string name, string target, string workingFolder)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(target, workingFolder));
        if (plan is null || folder is null || FeedNotice.Find(folder) is not { } notice)
            return null;
        return notice.Asset == asset && notice.PlanPath == Path.GetFullPath(plan, workingFolder)
            ? Fetch(notice.SocketPath, name, target, workingFolder)
            : null;
    }

    private static int? Fetch(string socket, string name, string target, string workingFolder)
    {
        if (name.StartsWith('-') || target.StartsWith('-'))
            return null; // an option that the parser has to understand
        try
        {
            return WalFeedClient.Fetch(socket, name, Path.GetFullPath(target, workingFolder)) switch
            {
                WalFetchOutcome.Fetched => 0,
                WalFetchOutcome.Absent => WalFetchCommand.Absent,
                WalFetchOutcome.NobodyServes => null,
            };
        }
#pragma warning disable CA1031 // Whatever it is: met again on the long way, and told there.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
