using System.CommandLine;
using Resurgam.Core.Runs;

namespace Resurgam.Runs;

internal static class RunsCommand
{
    public static Command Create() =>
        new("runs", "Look at runs, decide in them, and go on with them from any machine.")
        {
            RunsListCommand.Create(),
            RunsShowCommand.Create(),
            RunsWatchCommand.Create(),
            RunsSayCommand.Create("approve", "Let a step start.", RunVerbKind.Approve),
            RunsSayCommand.Create("reject", "Refuse a step its approval.", RunVerbKind.Reject),
            RunsSayCommand.Create("retry", "Do a failed step, or its undo, again.", RunVerbKind.Retry),
            RunsSayCommand.Create("skip", "Go on without a step, or without its undo.", RunVerbKind.Skip),
            RunsSayCommand.Create("done", "Say that you have done a step, or its undo, by hand.", RunVerbKind.Done),
            RunsAbortCommand.Create(),
            RunsReviewCommand.Create(),
            RunsResumeCommand.Create(),
        };
}
