using System.Text.Json.Serialization;
using Resurgam.Core.Problems;

namespace Resurgam.Cli;

/// <summary>Tells failures: to people on stderr, and with <c>--output json</c> as the document on stdout too.</summary>
internal static class ErrorOutput
{
    /// <returns>The exit code of the first problem, or the one of all failures of this command.</returns>
    public static int Show(Session session, IReadOnlyList<Problem> problems)
    {
        foreach (var problem in problems)
        {
            session.Terminal.WriteLine($"{session.Terminal.Red("error:")} {problem.What}");
            session.Terminal.WriteLine($"hint: {problem.Hint}");
            session.Terminal.WriteLine($"code: {problem.Code}");
        }
        var exitCode = session.FailureCode ?? ExitCode.Of(problems[0]);
        WriteDocument(session, problems, exitCode);
        return exitCode;
    }

    public static int ShowBug(Session session, Exception bug)
    {
        var problem = new Problem(
            "bug",
            Remedy.Report,
            $"this is a bug of resurgam: {bug.GetType().Name}: {bug.Message}",
            "Report it with the output of the same command with --verbose; the vault is written so that a broken-off command leaves it whole."
        );
        var exitCode = Show(session, [problem]);
        ShowTrace(session, bug);
        return exitCode;
    }

    /// <summary>Where it happened: for those who mend it, when they ask.</summary>
    public static void ShowTrace(Session session, Exception e)
    {
        if (session.IsVerbose || session.Around.FindVariable("RESURGAM_DEBUG") == "1")
            session.Terminal.WriteLine(e.ToString());
    }

    private static void WriteDocument(Session session, IReadOnlyList<Problem> problems, int exitCode)
    {
        if (session.Output.Format != OutputFormat.Json || session.Output.HasWritten)
            return;
        ErrorView[] all = [.. problems.Select(ErrorView.Of)];
        session.Output.Write(
            new ErrorDocument(all[0], exitCode, all),
            ErrorJson.Documents.ErrorDocument,
            _ => throw new System.Diagnostics.UnreachableException("errors reach stdout as JSON only")
        );
    }
}

/// <param name="Error">The first problem; it decided the exit code.</param>
/// <param name="Problems">All of them.</param>
internal sealed record ErrorDocument(ErrorView Error, int ExitCode, IReadOnlyList<ErrorView> Problems);

/// <param name="Remedy">Who can act: <c>retry</c> the program, <c>fix</c> the operator, <c>report</c> us.</param>
internal sealed record ErrorView(string Code, string What, string Hint, string Remedy)
{
    public static ErrorView Of(Problem problem) =>
        new(
            problem.Code,
            problem.What,
            problem.Hint,
            problem.Remedy switch
            {
                Core.Problems.Remedy.Retry => "retry",
                Core.Problems.Remedy.Fix => "fix",
                Core.Problems.Remedy.Report => "report",
            }
        );
}

[JsonSerializable(typeof(ErrorDocument))]
internal sealed partial class ErrorJson : JsonSerializerContext
{
    public static readonly ErrorJson Documents = new(CliJson.NewOptions());
}
