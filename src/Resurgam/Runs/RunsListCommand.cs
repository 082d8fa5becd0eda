using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
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

    /// <returns>Exit code: 0 when all could be read; else that of the problem of one that could not.</returns>
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
                    RunText.Write(text, run);
                text.WriteLine($"{document.Runs.Count} runs");
            }
        );
        return document
            .Runs.Select(run => run.Problem)
            .OfType<ProblemView>()
            .Select(problem => ExitCode.Of(problem.ToProblem()))
            .DefaultIfEmpty(ExitCode.Success)
            .Max();
    }

    /// <summary>A run that cannot be read is listed as such, and hides no other; it may be open.</summary>
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
            if (
                await FindAsync(journal, cancellationToken) is { } found
                && (!onlyOpen || found.Problem is not null || journal.State.Result is null)
            )
                runs.Add(found);
        }
        return new RunsDocument([.. runs.OrderBy(run => run.BegunAt)]);
    }

    /// <returns>Null for a name whose run was never begun.</returns>
    private static async Task<RunLineView?> FindAsync(RunJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            await journal.CatchUpAsync(cancellationToken);
            return RunLineView.Of(journal.Run, journal.State, problem: null);
        }
        catch (ResurgamException e) when (e.Problem.Code == "run-absent")
        {
            return null;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return RunLineView.Of(journal.Run, journal.StateSoFar, e.Problem);
        }
    }
}
