using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Drills;
using Resurgam.Vaults;

namespace Resurgam.Demo.Scenarios;

/// <summary>A drill of the reference plan, while the platform works on: what it breaks is its own, and all of it is gone at the end.</summary>
/// <param name="without">A step of its runbook that is left out; null: none.</param>
internal sealed class DemoDrill(
    Session session,
    string drill,
    string? without,
    ReferencePlatform platform,
    DemoStory story,
    ScenarioRequest promised
)
{
    private const string Replica = "second-region";

    /// <exception cref="ResurgamException"><c>drill-absent</c>, or its runbook has no such step.</exception>
    public static void Check(string drill, string? without)
    {
        if (PlanReader.Read(ReferencePlan.Read(), "plans/healthcare-gitops/resurgam.yaml") is not PlanReading.Good good)
            return;
        var (_, runbook) = Find(good.Plan, drill);
        if (without is not null && runbook.FindStep(new StepId(without)) is null)
            throw DemoProblems.NoStep(runbook, without);
    }

    private static (Scenario Scenario, Runbook Runbook) Find(Plan plan, string drill)
    {
        var found = plan.Drills.FirstOrDefault(one => one.Name == drill) ?? throw DrillProblems.Absent(plan, drill);
        var scenario = plan.Scenarios.Single(one => one.Name == found.Scenario);
        return (scenario, plan.Runbooks.Single(one => one.Id.Value == scenario.Runbook));
    }

    /// <summary>The reference plan on places of this folder, as the request has it.</summary>
    private string WritePlan()
    {
        var plan = platform.WritePlan();
        if (PlanReader.Read(plan, platform.PlanPath) is not PlanReading.Good good)
            return plan;
        var (scenario, runbook) = Find(good.Plan, drill);
        if (promised.Rto is { } rto)
            plan = ReferencePlan.Promise(plan, scenario.Name, "rto", rto);
        if (promised.Rpo is { } rpo)
            plan = ReferencePlan.Promise(plan, scenario.Name, "rpo", rpo);
        return without is null ? plan : ReferencePlan.Without(plan, runbook.Id, new StepId(without));
    }

    public async Task<DemoDrillDocument> RunAsync(CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        story.Chapter("The platform of the reference plan, small: PostgreSQL, and services that need it.");
        await platform.BuildAsync(promised.Scale, cancellationToken);
        await platform.StartClusterAsync(withDrill: true, cancellationToken);
        story.Chapter("The reference plan on places of this folder; vault, WAL stream and first backups.");
        await platform.ProtectAsync(WritePlan(), cancellationToken);
        await platform.Files.ProtectAsync(cancellationToken);
        await platform.ProtectClusterAsync(cancellationToken);
        await platform.PrepareDrillsAsync(cancellationToken);
        platform.StartWriters();
        await platform.UntilWorkIsStoredAsync(cancellationToken);
        await platform.RunAsync(["vault", "copy", Replica], cancellationToken);

        story.Chapter($"Drill {drill}: in a place of its own something is broken, recovered and undone.");
        IReadOnlyList<string> words = ["drill", drill, "--as", DemoPeople.Requester, "--reason", "the demo"];
        story.Command([.. words]);
        await platform.Program.RunAsync(words, [ExitCode.RunNotCompleted], cancellationToken);

        story.Chapter("The platform beside it: what was promised to it while the drill went on.");
        var worked = await platform.AllAnswerAsync(cancellationToken);
        await platform.StopWritersAsync();
        var loss = await DemoLoss.MeasureAsync(platform, cancellationToken);
        return new DemoDrillDocument(
            drill,
            await ReadReportAsync(cancellationToken),
            worked,
            await platform.LeftOfDrillsAsync(cancellationToken),
            loss.Acknowledged,
            loss.Acknowledged - loss.Recovered,
            platform.LeftOut,
            session.Time.GetElapsedTime(began).TotalSeconds,
            platform.Folder
        );
    }

    private async Task<DrillReport> ReadReportAsync(CancellationToken cancellationToken)
    {
        var plan = await Session.LoadPlanAsync(platform.PlanPath, cancellationToken);
        var place = PlaceAccess.Get(plan, ReplicaPlace.Primary);
        using var vault = await VaultAccess.OpenAsync(session, plan, place, cancellationToken);
        return await DrillsReportCommand.FindAsync(session, plan, vault, drill, cancellationToken);
    }
}

/// <summary>What <c>demo --drill</c> prints.</summary>
/// <param name="Report">As <c>drills report</c> has it.</param>
/// <param name="Worked">The platform beside the drill answered at the end.</param>
/// <param name="Left">Files that the drill has left in its places: none, or its undo is broken.</param>
/// <param name="Acknowledged">Transactions that writers were told were committed meanwhile.</param>
/// <param name="Lost">Of these, missing or different.</param>
/// <param name="LeftOut">What could not be shown here, and why.</param>
/// <param name="Folder">Null when it was removed.</param>
internal sealed record DemoDrillDocument(
    string Drill,
    DrillReport Report,
    bool Worked,
    IReadOnlyList<string> Left,
    long Acknowledged,
    long Lost,
    IReadOnlyList<DemoLeftOut> LeftOut,
    double Duration,
    string? Folder
)
{
    public bool Passed => Report.Passed && Worked && Left.Count == 0 && Lost == 0;

    public static void Write(TextWriter text, DemoDrillDocument document)
    {
        DrillText.Write(text, document.Report);
        text.WriteLine(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"  beside it {document.Acknowledged:N0} transactions were acknowledged, {document.Lost:N0} of them lost; the services {(document.Worked ? "answer" : "DO NOT ANSWER")}"
            )
        );
        foreach (var left in document.Left)
            text.WriteLine($"  LEFT BEHIND {left}");
        foreach (var left in document.LeftOut)
            text.WriteLine($"  LEFT OUT   {left.Asset} ({left.Kind}): {left.Reason}");
        if (document.Folder is { } folder)
            text.WriteLine($"  left to look at: {folder}");
        text.WriteLine(
            document.Passed
                ? "The drill passed, and nobody noticed."
                : "THE DRILL DID NOT GO AS IT SHOULD: read why above."
        );
    }
}
