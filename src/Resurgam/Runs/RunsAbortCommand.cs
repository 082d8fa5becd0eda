using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Runs;

namespace Resurgam.Runs;

internal static class RunsAbortCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var reason = RunOptions.Reason();
        var person = RunOptions.As();
        Option<bool> keep = new("--keep")
        {
            Description = "Leave what was done as it is, instead of undoing it in reverse.",
        };
        Command command = new("abort", "Let no step start any more, and undo what was done.")
        {
            run,
            reason,
            person,
            keep,
        };
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                RunVerb verb = new(
                    RunVerbKind.Abort,
                    RunAccess.PersonOf(session, line.GetValue(person)),
                    line.GetRequiredValue(reason).Trim()
                )
                {
                    KeepsEffects = line.GetValue(keep),
                };
                return RunsSayCommand.RunAsync(session, line.GetRequiredValue(run), verb, cancellationToken);
            }
        );
        return command;
    }
}
