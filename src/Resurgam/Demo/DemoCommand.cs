using System.CommandLine;
using System.Globalization;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Cli;
using Resurgam.Core.Values;
using Resurgam.Demo.Scenarios;

namespace Resurgam.Demo;

internal static class DemoCommand
{
    private const int OldestVersion = 14;
    private const int NewestVersion = 18;

    public static Command Create()
    {
        var scale = ScaleOption();
        Option<bool> keep = new("--keep") { Description = "Leave plan, vault and recovered cluster to look at." };
        Option<string?> folder = new("--folder") { Description = "Where it happens; a folder that is not there yet." };
        Option<bool> all = new("--all")
        {
            Description =
                "With sessions in Redis, policies in Git and the objects of a Kubernetes cluster beside the database.",
        };
        var scenario = new Option<string?>("--scenario")
        {
            Description =
                "A disaster of the reference plan instead, for real: its runbook, a kill -9 in the middle of it, and what was promised and measured.",
            HelpName = "SCENARIO",
        }.AcceptOnlyFromAmong([.. DemoScenario.All.Select(one => one.Name)]);
        Option<string?> drill = new("--drill")
        {
            Description = "A drill of the reference plan instead, while its platform works on beside it.",
            HelpName = "DRILL",
        };
        var rto = Promise(
            "--rto",
            "With --scenario or --drill: another recovery time than the reference plan promises."
        );
        var rpo = Promise("--rpo", "With --scenario or --drill: another loss than the reference plan allows.");
        Option<string?> without = new("--without")
        {
            Description = "With --drill: leave this step of its runbook out, to see the drill fail.",
            HelpName = "STEP",
        };
        Command command = new("demo", "Protect a real database, destroy it, and bring it back to the last transaction.")
        {
            scale,
            keep,
            folder,
            all,
            scenario,
            drill,
            rto,
            rpo,
            without,
            DemoServiceCommand.Create(),
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    new DemoRequest(
                        line.GetValue(scale),
                        line.GetValue(keep),
                        line.GetValue(folder),
                        line.GetValue(all),
                        line.GetValue(scenario),
                        line.GetValue(drill),
                        line.GetValue(rto),
                        line.GetValue(rpo),
                        line.GetValue(without)
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    private static Option<int> ScaleOption()
    {
        Option<int> scale = new("--scale")
        {
            Description = "How large the database is; 1 is about 60 MiB.",
            DefaultValueFactory = _ => 1,
        };
        scale.Validators.Add(result =>
        {
            var isNumber = result.Tokens.All(token => int.TryParse(token.Value, CultureInfo.InvariantCulture, out _));
            if (!isNumber || result.GetValue(scale) < 1)
                result.AddError("--scale is 1 or more: how many times about 60 MiB the database has.");
        });
        return scale;
    }

    private static Option<string?> Promise(string name, string description) =>
        new(name) { Description = description, HelpName = "DURATION" };

    /// <returns>
    /// Exit code: 0 when nothing that was acknowledged is lost, 21 otherwise; of a scenario 0 when every objective is met, 41
    /// otherwise (docs/exit-codes.md).
    /// </returns>
    internal static async Task<int> RunAsync(Session session, DemoRequest request, CancellationToken cancellationToken)
    {
        var promised = ScenarioRequestOf(request);
        if (request.Drill is { } rehearsed)
            DemoDrill.Check(rehearsed, request.Without);
        else if (request.Without is not null)
            throw DemoProblems.OnlyForDrills("--without");
        var folder = request.Folder is { } named ? session.AbsolutePath(named) : TemporaryFolder(session);
        var scenario = DemoScenario.All.FirstOrDefault(one => one.Name == request.Scenario);
        var binaries =
            PostgresBinaries.FindNewest(OldestVersion, NewestVersion) ?? PostgresBinaries.Get(NewestVersion, null);
        CheckFolder(folder);
        try
        {
            if (request.Drill is { } drill)
                return await RunDrillAsync(session, drill, binaries, folder, request, promised, cancellationToken);
            return scenario is null
                ? await RunAsync(
                    session,
                    new DemoCluster(folder, binaries, session.Time),
                    folder,
                    request,
                    cancellationToken
                )
                : await RunAsync(session, scenario, binaries, folder, promised, request.IsKept, cancellationToken);
        }
        finally
        {
            if (!request.IsKept && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static void CheckFolder(string folder)
    {
        try
        {
            if (Directory.CreateDirectory(folder).EnumerateFileSystemInfos().Any())
                throw DemoProblems.FolderTaken(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DemoProblems.FolderFailed(folder, e);
        }
    }

    private static async Task<int> RunAsync(
        Session session,
        DemoCluster cluster,
        string folder,
        DemoRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var document = await new DemoRun(session, cluster, folder, request.Scale, request.IsAll).RunAsync(
                cancellationToken
            );
            if (!request.IsKept)
                document = document with { Folder = null };
            session.Output.Write(document, DemoDocuments.Json.DemoDocument, text => DemoStory.Table(text, document));
            return document.IsWhole ? ExitCode.Success : ExitCode.VerificationFailed;
        }
        finally
        {
            if (cluster.HasServer)
                await cluster.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> RunAsync(
        Session session,
        DemoScenario scenario,
        PostgresBinaries binaries,
        string folder,
        ScenarioRequest request,
        bool isKept,
        CancellationToken cancellationToken
    )
    {
        DemoStory story = new(session);
        await using ReferencePlatform platform = new(session, story, binaries, folder);
        var document = await new ScenarioRun(session, scenario, platform, story, request).RunAsync(cancellationToken);
        if (!isKept)
            document = document with { Folder = null };
        session.Output.Write(document, DemoDocuments.Json.ScenarioDocument, text => ScenarioText.Write(text, document));
        return document.Report.Passed ? ExitCode.Success : ExitCode.RunNotCompleted;
    }

    private static async Task<int> RunDrillAsync(
        Session session,
        string drill,
        PostgresBinaries binaries,
        string folder,
        DemoRequest request,
        ScenarioRequest promised,
        CancellationToken cancellationToken
    )
    {
        DemoStory story = new(session);
        await using ReferencePlatform platform = new(session, story, binaries, folder);
        var document = await new DemoDrill(session, drill, request.Without, platform, story, promised).RunAsync(
            cancellationToken
        );
        if (!request.IsKept)
            document = document with { Folder = null };
        session.Output.Write(
            document,
            DemoDocuments.Json.DemoDrillDocument,
            text => DemoDrillDocument.Write(text, document)
        );
        return document.Passed ? ExitCode.Success : ExitCode.RunNotCompleted;
    }

    private static ScenarioRequest ScenarioRequestOf(DemoRequest request)
    {
        return new ScenarioRequest(request.Scale, SpanOf("--rto", request.Rto), SpanOf("--rpo", request.Rpo));

        TimeSpan? SpanOf(string option, string? text)
        {
            if (text is null)
                return null;
            if (request.Scenario is null && request.Drill is null)
                throw DemoProblems.OnlyForScenarios(option);
            return Duration.TryParse(text, out var span) ? span : throw DemoProblems.NoDuration(option, text);
        }
    }

    /// <summary>Below /tmp, where the server's user may go; short, since a socket's path has 107 bytes.</summary>
    private static string TemporaryFolder(Session session)
    {
        Span<byte> unique = stackalloc byte[4];
        session.Entropy.Fill(unique);
        return Path.Combine(Path.GetTempPath(), $"resurgam-demo-{Convert.ToHexStringLower(unique)}");
    }
}

/// <param name="Folder">As it was written; null: a temporary one.</param>
/// <param name="Scenario">Null: none.</param>
/// <param name="Drill">Null: none; with neither it is the main job.</param>
/// <param name="Without">A step of the drill's runbook that it leaves out; null: none.</param>
internal sealed record DemoRequest(
    int Scale,
    bool IsKept,
    string? Folder,
    bool IsAll,
    string? Scenario,
    string? Drill,
    string? Rto,
    string? Rpo,
    string? Without
);
