using Resurgam.Cli;
using Resurgam.Core.Drills;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>A disaster of the reference plan from beginning to end: protect, break, lead the run, be killed, go on, measure.</summary>
internal sealed class ScenarioRun(
    Session session,
    DemoScenario scenario,
    ReferencePlatform platform,
    DemoStory story,
    ScenarioRequest request
)
{
    /// <summary>How long the platform works before it breaks.</summary>
    private static readonly TimeSpan WorkBefore = TimeSpan.FromSeconds(2);

    /// <summary>A restore of the demo's database takes a second: who looks seldom finds it done.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BeginLimit = TimeSpan.FromSeconds(60);

    public async Task<ScenarioDocument> RunAsync(CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        await BuildAsync(cancellationToken);
        platform.StartWriters();
        await scenario.PrepareAsync(platform, cancellationToken);
        foreach (var (asset, kind, why) in platform.LeftOut)
            story.Fact($"LEFT OUT: {asset} ({kind}): {why}");
        await Task.Delay(WorkBefore, session.Time, cancellationToken);
        await platform.UntilWorkIsStoredAsync(cancellationToken);

        story.Chapter($"The disaster: {scenario.Fault}.");
        var brokenAt = session.Time.GetUtcNow();
        var at = await scenario.BreakAsync(platform, cancellationToken);
        if (scenario.HitsDatabase)
            await StopWorkAsync(cancellationToken);
        story.Fact($"{platform.Writers.Sum(writer => writer.Acknowledged):N0} transactions had been acknowledged");
        await using var health = HealthWatch.Start(token => scenario.IsBackAsync(platform, token), session.Time);
        using var first = Begin(at);
        using var run = await FindRunAsync(first, cancellationToken);
        await LeadAsync(run, first, cancellationToken);
        var backAt = await health.EndAsync();
        if (!scenario.HitsDatabase)
            await StopWorkAsync(cancellationToken);

        story.Chapter("What was promised, and what was measured.");
        var loss = await DemoLoss.MeasureAsync(platform, cancellationToken);
        var report = await run.ReportAsync(
            scenario,
            new DrillMeasures(brokenAt, backAt)
            {
                MeasuresLoss = true,
                Loss = loss.Span,
                Fault = (scenario.Fault, "the demo"),
            },
            cancellationToken
        );
        return new ScenarioDocument(
            scenario.Name,
            report,
            scenario.KilledIn.Value,
            loss.Acknowledged,
            loss.Recovered,
            loss.Acknowledged - loss.Recovered,
            platform.Messages,
            platform.LeftOut,
            session.Time.GetElapsedTime(began).TotalSeconds,
            platform.Folder
        );
    }

    private async Task StopWorkAsync(CancellationToken cancellationToken)
    {
        await platform.StopWritersAsync();
        await platform.StopStreamAsync(cancellationToken);
    }

    private async Task BuildAsync(CancellationToken cancellationToken)
    {
        story.Chapter("The platform of the reference plan, small: PostgreSQL, and services that need it.");
        await platform.BuildAsync(request.Scale, cancellationToken);
        if (scenario.HitsCluster)
            await platform.StartClusterAsync(withDrill: false, cancellationToken);
        story.Chapter("The reference plan on places of this folder; vault, WAL stream and a first backup.");
        var plan = platform.WritePlan();
        if (request.Rto is { } rto)
            plan = ReferencePlan.Promise(plan, scenario.InPlan, "rto", rto);
        if (request.Rpo is { } rpo)
            plan = ReferencePlan.Promise(plan, scenario.InPlan, "rpo", rpo);
        await platform.ProtectAsync(plan, cancellationToken);
    }

    private DemoLeader Begin(string? at)
    {
        story.Chapter($"Resurgam: the runbook is carried out, asked for by {DemoPeople.Requester}.");
        IReadOnlyList<string> point = at is null ? [] : ["--at", at];
        return Start(
            "run",
            ["run", scenario.InPlan, "--as", DemoPeople.Requester, "--reason", scenario.Name, .. point]
        );
    }

    /// <summary>The process that began the run is killed in the middle; another one brings it to its end.</summary>
    private async Task LeadAsync(RunWatch run, DemoLeader first, CancellationToken cancellationToken)
    {
        DemoPeople people = new(platform, scenario, story);
        await FollowAsync(run, people, first, () => IsInTheMiddle(run.State), cancellationToken);
        first.Kill();
        await first.WaitForEndAsync(cancellationToken);
        story.Chapter($"Its process is killed with -9 in the middle of step {scenario.KilledIn}. Another one goes on.");
        using var second = Start(
            "resume",
            ["runs", "resume", run.Run.Value, "--as", DemoPeople.Requester, "--reason", "the first one was killed"]
        );
        await FollowAsync(run, people, second, () => run.State.Result is not null, cancellationToken);
        await second.WaitForEndAsync(cancellationToken);
    }

    private DemoLeader Start(string name, IReadOnlyList<string> words)
    {
        IReadOnlyList<string> all = scenario.From is { } place ? ["--from", place, .. words] : words;
        story.Command([.. all]);
        return new DemoLeader(platform.Program.Start(name, all));
    }

    private bool IsInTheMiddle(RunState state) =>
        state.FindStep(scenario.KilledIn) is { } step
        && (step.IsSettled || (step.Status == StepStatus.Running && scenario.IsInTheMiddle(platform)));

    private async Task<RunWatch> FindRunAsync(DemoLeader leader, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        while (session.Time.GetElapsedTime(began) < BeginLimit && !leader.IsGone)
        {
            if (await RunWatch.TryOpenAsync(session, platform.PlanPath, scenario.From, cancellationToken) is { } run)
                return run;
            await Task.Delay(BetweenLooks, session.Time, cancellationToken);
        }
        throw DemoProblems.NotReady("the beginning of the run");
    }

    /// <summary>People answer what the run asks, until it is where it has to be.</summary>
    private async Task FollowAsync(
        RunWatch run,
        DemoPeople people,
        DemoLeader leader,
        Func<bool> isThere,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var isGone = leader.IsGone;
            await run.LookAsync(cancellationToken);
            if (isThere())
                return;
            if (isGone)
                throw DemoProblems.LeaderGone(run.Run, leader.ExitCode);
            await people.AnswerAsync(run, cancellationToken);
            await Task.Delay(BetweenLooks, session.Time, cancellationToken);
        }
    }
}

/// <param name="Rto">Another promise than the plan's; null: the plan's.</param>
/// <param name="Rpo">As <paramref name="Rto"/>.</param>
internal sealed record ScenarioRequest(int Scale, TimeSpan? Rto, TimeSpan? Rpo);
