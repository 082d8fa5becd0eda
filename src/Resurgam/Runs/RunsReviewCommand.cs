using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Runs;

namespace Resurgam.Runs;

internal static class RunsReviewCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var reason = RunOptions.Reason();
        var person = RunOptions.As();
        Command command = new("review", "Say that you have looked at the glass that another person broke.")
        {
            run,
            reason,
            person,
        };
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                RunVerb verb = new(
                    RunVerbKind.Review,
                    RunAccess.PersonOf(session, line.GetValue(person)),
                    line.GetRequiredValue(reason).Trim()
                );
                return RunsSayCommand.RunAsync(session, line.GetRequiredValue(run), verb, cancellationToken);
            }
        );
        return command;
    }
}
