using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

/// <summary>
/// One history of a run: machines that lead, sleep in the middle of a call, are cut off from the store and are killed;
/// people who decide. What happens is a function of the seed.
/// </summary>
internal sealed class RunSimulation
{
    private const int Steps = 30;

    private readonly Random _random;
    private readonly RunWorld _world;
    private readonly List<SimulatedMachine> _machines = [];
    private bool _isAwake;
    private bool _isCalm;

    public RunSimulation(int seed)
    {
        _random = new Random(seed);
        _world = new RunWorld(seed) { OnEffect = Judge };
        for (var i = 0; i < 2; i++)
        {
            SimulatedMachine machine = new();
            machine.Self = _world.NewMachine(new FaultyStore(_world.Ledger.Store, (_, _) => FaultOf(machine)));
            machine.Self.IsQuick = false;
            _machines.Add(machine);
        }
    }

    public int Crashes { get; private set; }

    public int Naps { get; private set; }

    public int Words { get; private set; }

    public int Unknown { get; private set; }

    public RunResult Result { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        RunJournal journal = new(_world.Ledger.NewWriter(_world.Ledger.NewMachine("desk")), RunWorld.Run);
        await journal.BeginAsync(
            RunWorld.Begun(Runbook(_random, _world), isDrill: _random.Next(8) == 0),
            cancellationToken
        );
        for (var i = 0; i < Steps; i++)
        {
            var machine = _machines[_random.Next(_machines.Count)];
            switch (_random.Next(10))
            {
                case < 6:
                    await TurnAsync(machine, cancellationToken);
                    break;
                case 6:
                    await DecideAsync(cancellationToken);
                    break;
                case 7:
                    machine.CutOffCalls = _random.Next(30);
                    break;
                case 8:
                    Crash(machine);
                    break;
                default:
                    Advance(TimeSpan.FromSeconds(_random.Next(100)));
                    break;
            }
        }
        await FinishAsync(cancellationToken);
    }

    /// <summary>The weather clears, people come: the run comes to an end.</summary>
    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        _isCalm = true;
        for (var i = 0; i < 200; i++)
        {
            Advance(TimeSpan.FromSeconds(30));
            if (await TurnAsync(_machines[i % 2], cancellationToken) == RunTurn.Ended)
                break;
            await DecideAsync(cancellationToken);
        }
        var state = await _world.ReadAsync(cancellationToken);
        Assert.True(state.Result is not null, Describe(state));
        Result = state.Result.Value;
        foreach (var name in OnceOnly(state))
            Assert.True(
                _world.Effects.Count(effect => effect == name) <= 1,
                $"{name} twice: {string.Join(' ', _world.Effects)}"
            );
        var report = await _world.Ledger.VerifyAsync(cancellationToken);
        Assert.True(report.Passed, string.Join('\n', report.Findings));
    }

    private static IEnumerable<string> OnceOnly(RunState state) =>
        state.Steps.Where(step => !step.Step.Action.IsIdempotent).Select(step => step.Step.Id.Value);

    private async Task<RunTurn> TurnAsync(SimulatedMachine machine, CancellationToken cancellationToken)
    {
        if (machine.IsBusy)
            return RunTurn.Working;
        machine.IsBusy = true;
        try
        {
            foreach (var pending in machine.Self.Pending.ToList())
                if (_isCalm || _random.Next(2) == 0)
                {
                    machine.Self.Pending.Remove(pending);
                    pending.TrySetResult();
                }
            return await machine.Self.TurnAsync(cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            if (_random.Next(2) == 0)
                Crash(machine); // killed in the middle of the call; else it lives, and turns again
            return RunTurn.Working;
        }
        finally
        {
            machine.IsBusy = false;
        }
    }

    private void Crash(SimulatedMachine machine)
    {
        if (machine.IsBusy && _isAwake)
            return;
        Crashes++;
        machine.Self.Kill();
    }

    /// <summary>Called before each store call: the machine may sleep while the other goes on, and the call may fail.</summary>
    private StoreFault FaultOf(SimulatedMachine machine)
    {
        if (_isCalm)
            return StoreFault.None;
        if (machine.CutOffCalls > 0)
        {
            machine.CutOffCalls--;
            return StoreFault.Lost;
        }
        if (!_isAwake && _random.Next(15) == 0)
            Nap(machine);
        return _random.Next(60) switch
        {
            0 => StoreFault.Lost,
            1 => StoreFault.Unheard,
            _ => StoreFault.None,
        };
    }

    /// <summary>For up to two hours of the others' work.</summary>
    private void Nap(SimulatedMachine sleeper)
    {
        _isAwake = true;
        Naps++;
        var other = _machines.First(machine => machine != sleeper);
        Advance(TimeSpan.FromSeconds(_random.Next(4) == 0 ? 7200 : 90));
        for (var i = _random.Next(6); i > 0; i--)
        {
            var turn = TurnAsync(other, CancellationToken.None);
            Assert.True(turn.IsCompleted, "everything in memory is done at once");
            turn.GetAwaiter().GetResult();
            if (_random.Next(3) == 0)
            {
                var word = DecideAsync(CancellationToken.None);
                Assert.True(word.IsCompleted, "everything in memory is done at once");
                word.GetAwaiter().GetResult();
            }
        }
        _isAwake = false;
    }

    private void Advance(TimeSpan time) => _world.Ledger.Time.Advance(time);

    /// <summary>What holds at the moment of every effect, by what stands in the ledger then.</summary>
    private void Judge(string leader, StepCall call)
    {
        var reading = _world.ReadAsync(CancellationToken.None);
        Assert.True(reading.IsCompleted, "everything in memory is done at once");
        var state = reading.GetAwaiter().GetResult();
        var step = state.FindStep(call.Step.Id);
        Assert.NotNull(step);
        Assert.Equal(state.Leader, leader);
        Assert.Null(state.Result);
        if (call.IsUndo)
        {
            Assert.Equal(UndoStatus.Running, step.Undo);
            return;
        }
        Assert.Null(state.Abort);
        Assert.Equal(StepStatus.Running, step.Status);
        Assert.True(state.Begun.IsDrill || step.Step.Approval is null || step.Approval is { Person: "ben" });
        Assert.True(state.IsFree(step), "what it needs is settled");
        Assert.False(state.Begun.IsDrill && step.Step.Action.IsOutward);
        if (_random.Next(10) == 0)
            _world.Failures[call.Step.Id.Value] = 1;
    }

    /// <summary>A person who looks at what waits, and now and then says what nobody should listen to.</summary>
    private async Task DecideAsync(CancellationToken cancellationToken)
    {
        var state = await _world.ReadAsync(cancellationToken);
        if (_random.Next(40) == 0)
            await SayAsync(
                new RunVerb(RunVerbKind.Abort, "anna", "enough") { KeepsEffects = _random.Next(3) == 0 },
                cancellationToken
            );
        if (_random.Next(5) == 0)
        {
            var any = state.Steps[_random.Next(state.Steps.Count)].Step.Id;
            await SayAsync(new RunVerb(RunVerbKind.Approve, "anna", "in a hurry") { Step = any }, cancellationToken);
        }
        foreach (var wait in state.Waits)
            await SayAsync(WordOn(wait, state), cancellationToken);
    }

    private RunVerb WordOn(PersonWait wait, RunState state)
    {
        var kind = wait.For switch
        {
            WaitFor.Approval => _random.Next(6) == 0 ? RunVerbKind.Reject : RunVerbKind.Approve,
            WaitFor.Hands => RunVerbKind.Done,
            WaitFor.UndoDecision => RunVerbKind.Done,
            WaitFor.Decision => OnFailure(wait.Step, state),
        };
        return new RunVerb(kind, "ben", "looked at it") { Step = wait.Step.Id };
    }

    /// <summary>The person looks whether the effect is there, which the program could not.</summary>
    private RunVerbKind OnFailure(RunbookStep step, RunState state)
    {
        var status = state.FindStep(step.Id)?.Status;
        if (status == StepStatus.Unknown)
            Unknown++;
        if (status == StepStatus.Rejected)
            return _random.Next(2) == 0 ? RunVerbKind.Approve : RunVerbKind.Skip;
        return _world.Effects.Contains(step.Id.Value) ? RunVerbKind.Done : RunVerbKind.Retry;
    }

    private async Task SayAsync(RunVerb verb, CancellationToken cancellationToken)
    {
        Words++;
        await _world.SayAsync(verb, cancellationToken);
    }

    /// <summary>A few steps, each of a random kind, each after some of those before it.</summary>
    public static string Runbook(Random random, RunWorld world)
    {
        List<string> lines = ["steps:"];
        for (var i = 0; i < 5; i++)
        {
            var needs = Enumerable.Range(0, i).Where(_ => random.Next(2) == 0).Select(n => $"s{n}");
            var action = random.Next(6) switch
            {
                0 =>
                    "sql, with: { target: db, statement: x, idempotent: true }, undo: { action: sql, with: { target: db, statement: y, idempotent: true } }",
                1 => "postgres-fence, with: { target: db }",
                2 => "manual, with: { instructions: x }",
                3 => "notify, with: { target: hook, text: x }",
                _ => "sql, with: { target: db, statement: x }",
            };
            var approval = random.Next(3) == 0 ? ", approval: { by: [anna, ben], two-person: true }" : "";
            lines.Add($"  s{i}: {{ action: {action}{approval}, timeout: 7d, needs: [{string.Join(", ", needs)}] }}");
            if (random.Next(2) == 0)
                world.Visible.Add($"s{i}");
        }
        return string.Join('\n', lines);
    }

    private static string Describe(RunState state) =>
        string.Join('\n', state.Steps.Select(step => $"{step.Step.Id} {step.Status} {step.Undo} {step.Report?.What}"));

    private sealed class SimulatedMachine
    {
        public RunWorld.Machine Self { get; set; } = null!;

        public int CutOffCalls { get; set; }

        public bool IsBusy { get; set; }
    }
}
