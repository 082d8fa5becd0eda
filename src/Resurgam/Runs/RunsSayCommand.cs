using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Runs;

/// <summary>A person's word on a step: five commands of one shape.</summary>
internal static class RunsSayCommand
{
    public static Command Create(string name, string about, RunVerbKind kind)
    {
        var run = RunOptions.Run();
        var step = RunOptions.Step();
        var reason = RunOptions.Reason();
        var person = RunOptions.As();
        Option<bool> breakGlass = new("--break-glass")
        {
            Description =
                "Although the plan forbids it to you; it is shown with the run from then on, and has to be reviewed.",
        };
        Command command = new(name, about) { run, step, reason, person };
        if (kind is RunVerbKind.Approve or RunVerbKind.Skip or RunVerbKind.Done)
            command.Options.Add(breakGlass);
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                RunVerb verb = new(
                    kind,
                    RunAccess.PersonOf(session, line.GetValue(person)),
                    line.GetRequiredValue(reason).Trim()
                )
                {
                    Step = new StepId(line.GetRequiredValue(step)),
                    IsBreakGlass = command.Options.Contains(breakGlass) && line.GetValue(breakGlass),
                };
                return RunAsync(session, line.GetRequiredValue(run), verb, cancellationToken);
            }
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string wanted,
        RunVerb verb,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await SayAsync(session, plan, vault, wanted, verb, cancellationToken);
        if (verb.IsBreakGlass)
            session.Output.Warn(
                $"the glass is broken: {verb.Person} acts against the plan, and the run says so for ever; another person reviews it by 'resurgam runs review'"
            );
        session.Output.Write(
            document,
            RunDocuments.Json.RunSaidDocument,
            text =>
            {
                text.WriteLine(
                    $"{document.Run}{(document.Step is { } step ? $", {step}" : "")}: {document.Word} by {document.Person}"
                );
                if (document.Next is { } next)
                    text.WriteLine(next);
            }
        );
        return ExitCode.Success;
    }

    /// <exception cref="ResurgamException"><c>run-absent</c>; <c>run-word</c>: it does not count, and was not written.</exception>
    internal static async Task<RunSaidDocument> SayAsync(
        Session session,
        Plan plan,
        Vault vault,
        string wanted,
        RunVerb verb,
        CancellationToken cancellationToken
    )
    {
        var journal = await RunAccess.FindAsync(session, plan, vault, wanted, cancellationToken);
        if (await journal.SayAsync(verb, cancellationToken) is { } because)
            throw RunProblems.Refused(journal.Run, because);
        return new RunSaidDocument(
            journal.Run.Value,
            RunVerb.NameOf(verb.Kind),
            verb.Step?.Value,
            verb.Person,
            verb.Reason,
            verb.IsBreakGlass,
            RunDocument.NextOf(journal.Run, journal.State)
        );
    }
}
