using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Vaults;

namespace Resurgam.Runs;

internal static class RunsShowCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        Command command = new("show", "Show how a run stands.") { run };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(run), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string wanted, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var journal = await RunAccess.FindAsync(session, plan, vault, wanted, cancellationToken);
        var document = RunDocument.Of(journal.Run, journal.State);
        session.Output.Write(document, RunDocuments.Json.RunDocument, text => RunText.Write(text, document));
        return ExitCode.Success;
    }
}
