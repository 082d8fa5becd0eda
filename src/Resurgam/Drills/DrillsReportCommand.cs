using System.CommandLine;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.Runs;
using Resurgam.Vaults;

namespace Resurgam.Drills;

internal static class DrillsReportCommand
{
    public static Command Create()
    {
        Argument<string> wanted = new("drill") { Description = "A drill of the plan: its newest; or the run of one." };
        var file = OutOption();
        Command command = new("report", "Show the report of a drill, or write it to a file.") { wanted, file };
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                var path = line.GetValue(file) is { } given ? session.AbsolutePath(given) : null;
                return RunAsync(session, line.GetRequiredValue(wanted), path, cancellationToken);
            }
        );
        return command;
    }

    public static Option<string?> OutOption() =>
        new("--out")
        {
            Description = "Write the report there: JSON when it ends in .json, else one HTML file that needs no other.",
            HelpName = "FILE",
        };

    internal static async Task<int> RunAsync(
        Session session,
        string wanted,
        string? file,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var report = await FindAsync(session, plan, vault, wanted, cancellationToken);
        if (file is not null)
            await WriteFileAsync(session, report, file, cancellationToken);
        session.Output.Write(report, DrillDocuments.Json.DrillReport, text => DrillText.Write(text, report));
        return ExitCode.Success;
    }

    /// <param name="session">Of the command.</param>
    /// <param name="plan">Whose drill.</param>
    /// <param name="vault">Where it stands.</param>
    /// <param name="wanted">A run, or a drill, whose newest one is meant.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>drill-absent</c></exception>
    internal static async Task<DrillReport> FindAsync(
        Session session,
        Plan plan,
        Vault vault,
        string wanted,
        CancellationToken cancellationToken
    )
    {
        DrillRunner runner = new(session, plan, vault);
        var book = await runner.ReadBookAsync(cancellationToken);
        var record =
            book.Records.LastOrDefault(one => one.Run.Value == wanted)
            ?? book.Of(wanted).LastOrDefault()
            ?? throw DrillProblems.NotOnceDone(wanted);
        var journal = RunAccess.OpenJournal(session, plan, vault, record.Run);
        await journal.CatchUpAsync(cancellationToken);
        return await runner.ReportAsync(journal, cancellationToken) ?? throw DrillProblems.NotOnceDone(wanted);
    }

    internal static async Task WriteFileAsync(
        Session session,
        DrillReport report,
        string path,
        CancellationToken cancellationToken
    )
    {
        var text = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? JsonSerializer.Serialize(report, DrillDocuments.Json.DrillReport) + "\n"
            : DrillReportPage.Of(report);
        try
        {
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DrillCommandProblems.ReportFile(path, e);
        }
        session.Output.Note($"report: {path}");
    }
}
