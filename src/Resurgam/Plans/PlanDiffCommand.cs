using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

internal static class PlanDiffCommand
{
    public static Command Create()
    {
        Argument<string> before = new("OLD") { Description = "The plan file as it was." };
        Argument<string> after = new("NEW") { Description = "The plan file as it is." };
        Command command = new("diff", "Show what changed in meaning between two plan files.") { before, after };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(before),
                    line.GetRequiredValue(after),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0, whether they differ or not; a plan with problems is an error (3).</returns>
    internal static async Task<int> RunAsync(
        Session session,
        string before,
        string after,
        CancellationToken cancellationToken
    )
    {
        var (old, now) = (
            await Session.LoadPlanAsync(session.AbsolutePath(before), cancellationToken),
            await Session.LoadPlanAsync(session.AbsolutePath(after), cancellationToken)
        );
        var document = new PlanDiffDocument(old.Hash, now.Hash, PlanDiff.Of(old, now));
        session.Output.Write(document, PlanDocuments.Json.PlanDiffDocument, text => WriteText(text, document));
        return ExitCode.Success;
    }

    private static void WriteText(TextWriter text, PlanDiffDocument document)
    {
        foreach (var change in document.Changes)
            text.WriteLine(
                (change.Before, change.After) switch
                {
                    (null, { } added) => $"+ {change.Path}: {added}",
                    ({ } gone, null) => $"- {change.Path}: {gone}",
                    _ => $"~ {change.Path}: {change.Before} -> {change.After}",
                }
            );
        text.WriteLine(
            document.Changes.Count == 0
                ? $"the same plan, hash {document.After[..12]}"
                : $"hash {document.Before[..12]} -> {document.After[..12]}"
        );
    }
}
