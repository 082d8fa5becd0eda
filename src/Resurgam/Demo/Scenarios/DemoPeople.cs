using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Plays those whom the run waits for: each word is a process of its own, as on another machine.</summary>
internal sealed class DemoPeople(ReferencePlatform platform, DemoScenario scenario, DemoStory story)
{
    /// <summary>Who asks for the run, and therefore approves nothing that takes two.</summary>
    public const string Requester = "sre";

    private const string SecondPerson = "engineering-lead";

    private readonly HashSet<StepId> _answered = [];

    /// <exception cref="Core.Problems.ResurgamException"><c>demo-failed</c>: a step failed, and no script says what a person does then.</exception>
    public async Task AnswerAsync(RunWatch run, CancellationToken cancellationToken)
    {
        foreach (var wait in run.State.Waits)
            switch (wait.For)
            {
                case WaitFor.Approval when _answered.Add(wait.Step.Id):
                    var (word, why) = scenario.SkipsFor(wait.Step.Id) is { } reason
                        ? ("skip", reason)
                        : ("approve", "looked at it: go on");
                    await SayAsync(run, word, wait.Step, why, cancellationToken);
                    break;
                case WaitFor.Hands when _answered.Add(wait.Step.Id):
                    var done = await scenario.DoByHandAsync(wait.Step.Id, platform, cancellationToken);
                    await SayAsync(run, "done", wait.Step, done, cancellationToken);
                    break;
                case WaitFor.Decision or WaitFor.UndoDecision:
                    throw DemoProblems.StepFailed(wait.Step.Id, run.State.FindStep(wait.Step.Id)?.Report?.What);
                case WaitFor.Approval or WaitFor.Hands:
                    break; // said, and not yet read by who leads
            }
    }

    private async Task SayAsync(
        RunWatch run,
        string word,
        RunbookStep step,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var person = step.Approval?.By.FirstOrDefault(name => name != Requester) ?? SecondPerson;
        IReadOnlyList<string> place = scenario.From is { } from ? ["--from", from] : [];
        story.Command([.. place, "runs", word, "RUN", step.Id.Value, "--as", person, "--reason", $"'{reason}'"]);
        await platform.Program.RunAsync(
            [.. place, "runs", word, run.Run.Value, step.Id.Value, "--as", person, "--reason", reason],
            cancellationToken
        );
    }
}
