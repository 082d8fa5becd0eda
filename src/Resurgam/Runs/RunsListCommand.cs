using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Runs;

internal static class RunsListCommand
{
    public static Command Create()
    {
        Option<bool> open = new("--open") { Description = "Only those that are not at their end." };
        Command command = new("list", "List the runs in the vault.") { open };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetValue(open), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, bool onlyOpen, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await ReadAsync(session, plan, vault, onlyOpen, cancellationToken);
        session.Output.Write(
            document,
            RunDocuments.Json.RunsDocument,
            text =>
            {
                foreach (var run in document.Runs)
                    text.WriteLine(
                        $"{run.BegunAt:yyyy-MM-dd HH:mm:ss}Z  {run.State, -10} {(run.Drill ? "drill" : ""), -6} {run.Run}  {run.Requester}"
                    );
                text.WriteLine($"{document.Runs.Count} runs");
            }
        );
        return ExitCode.Success;
    }

    internal static async Task<RunsDocument> ReadAsync(
        Session session,
        Plan plan,
        Vault vault,
        bool onlyOpen,
        CancellationToken cancellationToken
    )
    {
        List<RunLineView> runs = [];
        foreach (var run in await RunAccess.ListAsync(vault, cancellationToken))
        {
            var journal = RunAccess.OpenJournal(session, plan, vault, run);
            await journal.CatchUpAsync(cancellationToken);
            var state = journal.State;
            if (state.Result is null || !onlyOpen)
                runs.Add(
                    new RunLineView(
                        run.Value,
                        state.Begun.Runbook.Id.Value,
                        state.Begun.IsDrill,
                        state.BegunAt,
                        state.Result is { } result ? RunState.NameOf(result)
                            : state.Waits.Count > 0 ? "waiting"
                            : "open",
                        state.Begun.Requester
                    )
                );
        }
        return new RunsDocument([.. runs.OrderBy(run => run.BegunAt)]);
    }
}
