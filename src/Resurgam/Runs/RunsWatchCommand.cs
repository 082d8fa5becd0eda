using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Vaults;

namespace Resurgam.Runs;

internal static class RunsWatchCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        Command command = new("watch", "Follow a run to its end without doing anything.") { run };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(run), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: as <c>run</c>.</returns>
    internal static async Task<int> RunAsync(Session session, string wanted, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var journal = await RunAccess.FindAsync(session, plan, vault, wanted, cancellationToken);
        await new RunShell(session, journal).WatchAsync(cancellationToken);
        return RunsResumeCommand.Finish(session, journal);
    }
}
