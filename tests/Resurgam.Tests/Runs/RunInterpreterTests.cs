using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

public sealed class RunInterpreterTests
{
    private const string Diamond = """
        steps:
          a: { action: sql, with: { target: db, statement: a } }
          b: { action: sql, with: { target: db, statement: b }, needs: [a] }
          c: { action: sql, with: { target: db, statement: c }, needs: [a] }
          d: { action: sql, with: { target: db, statement: d }, needs: [b, c] }
        """;

    private const string Pair = """
        steps:
          a: { action: sql, with: { target: db, statement: a } }
          b: { action: sql, with: { target: db, statement: b }, needs: [a] }
        """;

    private const string Guarded = """
        steps:
          gate: { action: approve, approval: { by: [anna, ben], two-person: true } }
          go: { action: sql, with: { target: db, statement: x }, needs: [gate] }
        """;

    private const string Undoable = """
        steady-state: [{ sql: { target: db, query: calm, expect: t } }]
        steps:
          a: { action: postgres-fence, with: { target: db } }
          b: { action: sql, with: { target: db, statement: x }, needs: [a], undo: { action: sql, with: { target: db, statement: y } } }
          c: { action: sql, with: { target: db, statement: z }, needs: [b], irreversible: true }
          d: { action: sql, with: { target: db, statement: z }, needs: [c] }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_run_when_what_they_need_is_done()
    {
        var world = await BeginAsync(Diamond);

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(["a", "b", "c", "d"], world.Effects);
        Assert.Equal(RunResult.Completed, (await world.ReadAsync(Token)).Result);
        Assert.True((await world.Ledger.VerifyAsync(Token)).Passed);
    }

    [Fact]
    public async Task Steps_that_need_nothing_of_each_other_run_at_the_same_time()
    {
        var world = await BeginAsync(Diamond);
        var machine = world.NewMachine();
        machine.IsQuick = false;
        await machine.TurnAsync(Token);
        machine.Pending.Single().SetResult();

        await machine.TurnAsync(Token);

        Assert.Equal(["a", "b", "c"], world.Effects);
        Assert.Equal(3, machine.Pending.Count);
    }

    [Fact]
    public async Task The_postcondition_decides_and_not_the_action()
    {
        const string step =
            "steps: { a: { action: sql, with: { target: db, statement: x }, timeout: 1m, postcondition: { sql: { target: db, query: up, expect: t } } } }";
        var slow = await BeginAsync(step);
        Assert.Equal(RunTurn.Waiting, await slow.NewMachine().RunAsync(Token));
        var failed = (await slow.ReadAsync(Token)).Steps[0];
        Assert.Equal(StepStatus.Failed, failed.Status);
        Assert.Contains("not done within 1m", failed.Report?.What, StringComparison.Ordinal);

        var lucky = await BeginAsync(step);
        lucky.Failures["a"] = 1;
        lucky.Holding.Add("up");
        Assert.Equal(RunTurn.Ended, await lucky.NewMachine().RunAsync(Token));
        Assert.Equal(StepStatus.Done, (await lucky.ReadAsync(Token)).Steps[0].Status);
    }

    [Fact]
    public async Task Nothing_is_touched_when_the_precondition_does_not_hold()
    {
        var world = await BeginAsync(
            "steps: { a: { action: sql, with: { target: db, statement: x }, precondition: { sql: { target: db, query: free, expect: t } } } }"
        );

        Assert.Equal(RunTurn.Waiting, await world.NewMachine().RunAsync(Token));
        Assert.Empty(world.Effects);

        world.Holding.Add("free");
        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Retry, "a"), Token));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));
        Assert.Equal(["a"], world.Effects);
    }

    /// <summary>As when the cut-off effect restarts the very server that is asked.</summary>
    [Fact]
    public async Task A_precondition_that_a_cut_off_attempt_keeps_from_being_asked_is_waited_for()
    {
        const string step =
            "steps: { a: { action: postgres-fence, with: { target: db }, precondition: { sql: { target: db, query: free, expect: t } } } }";
        var world = await BeginAsync(step);
        world.Holding.Add("free");
        var killed = world.NewMachine();
        killed.IsQuick = false;
        while (world.Effects.Count == 0)
            await killed.TurnAsync(Token);
        killed.Kill();

        world.Unanswered["free"] = 3;
        world.Ledger.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));
        Assert.Equal(["a", "a"], world.Effects);

        // The first attempt has set nothing in motion that could be waited for.
        var first = await BeginAsync(step);
        first.Holding.Add("free");
        first.Unanswered["free"] = 1;
        Assert.Equal(RunTurn.Waiting, await first.NewMachine().RunAsync(Token));
        Assert.Empty(first.Effects);
    }

    [Fact]
    public async Task A_step_waits_for_the_right_person()
    {
        var world = await BeginAsync(Guarded);
        Assert.Equal(RunTurn.Waiting, await world.NewMachine().RunAsync(Token));

        Assert.Contains(
            "anna asked",
            await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "anna"), Token),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "none of those",
            await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "eve"), Token),
            StringComparison.Ordinal
        );
        Assert.NotNull(await world.SayAsync(Verb(RunVerbKind.Skip, "gate", "anna"), Token));
        Assert.NotNull(await world.SayAsync(Verb(RunVerbKind.Done, "gate", "eve"), Token));
        Assert.Equal(RunTurn.Waiting, await world.NewMachine().RunAsync(Token));
        Assert.Empty(world.Effects);

        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "ben"), Token));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));
        Assert.Equal(["gate", "go"], world.Effects);
    }

    [Fact]
    public async Task Breaking_the_glass_is_possible_and_stays_seen()
    {
        var world = await BeginAsync(Guarded);

        Assert.Null(
            await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "anna") with { IsBreakGlass = true }, Token)
        );

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));
        Assert.Equal("anna", Assert.Single((await world.ReadAsync(Token)).Unreviewed).Person);
    }

    [Fact]
    public async Task Broken_glass_is_reviewed_once_by_another_person_although_the_run_has_ended()
    {
        var world = await BeginAsync(Guarded);
        RunVerb review = new(RunVerbKind.Review, "eve", "she was right");
        Assert.NotNull(await world.SayAsync(review, Token));
        Assert.Null(
            await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "anna") with { IsBreakGlass = true }, Token)
        );
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Contains(
            "anna broke the glass",
            await world.SayAsync(review with { Person = "anna" }, Token),
            StringComparison.Ordinal
        );
        Assert.NotNull(await world.SayAsync(review with { Reason = "" }, Token));
        Assert.Null(await world.SayAsync(review, Token));
        Assert.NotNull(await world.SayAsync(review, Token));

        var state = await world.ReadAsync(Token);
        Assert.Empty(state.Unreviewed);
        Assert.Equal(RunResult.Completed, state.Result);
        Assert.Equal([true, false], state.Words.Select(word => word.IsBreakGlass));
    }

    [Fact]
    public async Task What_people_said_stays_readable_when_another_word_has_overturned_it()
    {
        var world = await BeginAsync(Guarded);
        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Reject, "gate", "ben") with { Reason = "no way" }, Token));
        Assert.NotNull(await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "eve"), Token));
        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "ben"), Token));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(
            [("ben", RunVerbKind.Reject, "no way"), ("ben", RunVerbKind.Approve, "because")],
            (await world.ReadAsync(Token)).Words.Select(word => (word.Person, word.Kind ?? default, word.Reason))
        );
    }

    [Fact]
    public async Task What_was_rejected_does_not_start()
    {
        var world = await BeginAsync(Guarded);
        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Reject, "gate", "ben"), Token));

        Assert.Equal(RunTurn.Waiting, await world.NewMachine().RunAsync(Token));

        Assert.Empty(world.Effects);
        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Approve, "gate", "ben"), Token));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));
    }

    [Theory]
    [InlineData("sql, with: { target: db, statement: x, idempotent: true }", false, 2, StepStatus.Done)]
    [InlineData("sql, with: { target: db, statement: x }", true, 1, StepStatus.Done)]
    [InlineData("sql, with: { target: db, statement: x }", false, 1, StepStatus.Unknown)]
    public async Task What_a_crash_cut_off_is_found_done_repeated_or_put_to_a_person(
        string action,
        bool isVisible,
        int effects,
        StepStatus status
    )
    {
        var world = await BeginAsync($"steps: {{ a: {{ action: {action} }} }}");
        if (isVisible)
            world.Visible.Add("a");
        var first = world.NewMachine();
        first.IsQuick = false;
        await first.TurnAsync(Token);
        first.Kill();
        Assert.Equal(RunTurn.Superseded, await world.NewMachine().TurnAsync(Token)); // it may still be alive

        world.Ledger.Time.Advance(RunLead.Lease);
        await world.NewMachine().RunAsync(Token);

        Assert.Equal(effects, world.Effects.Count);
        Assert.Equal(status, (await world.ReadAsync(Token)).Steps[0].Status);
    }

    [Fact]
    public async Task Who_wakes_up_after_an_hour_does_nothing_more()
    {
        var world = await BeginAsync(Diamond);
        world.Visible.Add("a");
        var sleeper = world.NewMachine();
        sleeper.IsQuick = false;
        await sleeper.TurnAsync(Token);
        world.Ledger.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(RunTurn.Ended, await sleeper.TurnAsync(Token));

        Assert.Equal(["a", "b", "c", "d"], world.Effects);
    }

    [Fact]
    public async Task An_abort_undoes_in_reverse_and_asks_the_steady_state_again()
    {
        var world = await BeginAsync(Undoable);
        world.Failures["d"] = 1;
        world.Holding.Add("calm");
        Assert.Equal(RunTurn.Waiting, await world.NewMachine().RunAsync(Token));
        Assert.Null(await world.SayAsync(new RunVerb(RunVerbKind.Abort, "anna", "enough"), Token));

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(["a", "b", "c", "undo b", "undo a"], world.Effects);
        var state = await world.ReadAsync(Token);
        Assert.Equal((RunResult.Aborted, true), (state.Result, state.SteadyState?.Holds));
    }

    /// <summary>What was cut off, and what failed and was to be repeated, may be there in part.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_abort_undoes_what_waits_to_be_repeated(bool isCutOff)
    {
        var world = await BeginAsync(Undoable);
        world.Holding.Add("calm");
        var machine = world.NewMachine();
        machine.IsQuick = !isCutOff;
        if (isCutOff)
            while (world.Effects.Count == 0)
                await machine.TurnAsync(Token);
        else
        {
            world.Failures["a"] = 1;
            await machine.RunAsync(Token);
            Assert.Null(await world.SayAsync(Verb(RunVerbKind.Retry, "a"), Token));
        }
        machine.Kill();
        Assert.Null(await world.SayAsync(new RunVerb(RunVerbKind.Abort, "anna", "enough"), Token));

        world.Ledger.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(isCutOff ? ["a", "undo a"] : ["undo a"], world.Effects);
        Assert.Equal((StepStatus.Waiting, UndoStatus.Done), StandingOf((await world.ReadAsync(Token)).Steps[0]));
    }

    /// <summary>The abort comes between the intent and the effect.</summary>
    [Fact]
    public async Task An_abort_does_not_undo_what_never_began()
    {
        var world = await BeginAsync(Undoable);
        world.Holding.Add("calm");
        Task<string?>? abort = null;
        FaultyStore store = new(
            world.Ledger.Store,
            (_, _) =>
            {
                var reading = world.ReadAsync(Token); // in memory it is done at once
                if (reading.IsCompletedSuccessfully && reading.GetAwaiter().GetResult().Steps[0].IsRunning)
                    abort ??= world.SayAsync(new RunVerb(RunVerbKind.Abort, "anna", "enough"), Token);
                return StoreFault.None;
            }
        );

        Assert.Equal(RunTurn.Ended, await world.NewMachine(store).RunAsync(Token));

        Assert.NotNull(abort);
        Assert.Null(await abort);
        Assert.Empty(world.Effects);
        var step = (await world.ReadAsync(Token)).Steps[0];
        Assert.Equal((1, StepStatus.Waiting, UndoStatus.None), (step.Attempts, step.Status, step.Undo));
    }

    [Fact]
    public async Task Nothing_goes_on_when_an_entry_that_was_seen_here_is_gone()
    {
        var world = await BeginAsync(Pair);
        world.Failures["b"] = 1;
        await world.NewMachine().RunAsync(Token);
        Witness witness = new();
        var desk = NewDesk(world, witness);
        Assert.Null(await desk.SayAsync(new RunVerb(RunVerbKind.Abort, "anna", "enough"), Token));
        var dropped = Assert.IsType<LedgerHead>(witness.Find(desk.Stream));
        Assert.Equal(desk.State.Head, dropped);

        world.Ledger.Store.Remove(LedgerWorld.KeyOf(desk.Stream, (int)dropped.Seq));

        var problem = await Assert.ThrowsAsync<ResurgamException>(() => NewDesk(world, witness).CatchUpAsync(Token));
        Assert.Equal("run-cut", problem.Problem.Code);
        Assert.Contains("sed -i '/^run.r-1 /d' seen", problem.Problem.Hint, StringComparison.Ordinal);
        Assert.Null(await world.SayAsync(Verb(RunVerbKind.Retry, "b"), Token)); // who saw nothing writes another entry there
        await Assert.ThrowsAsync<ResurgamException>(() => NewDesk(world, witness).CatchUpAsync(Token));
        await NewDesk(world, new Witness()).CatchUpAsync(Token);
    }

    [Fact]
    public async Task An_abort_that_keeps_what_is_there_undoes_nothing()
    {
        var world = await BeginAsync(Undoable);
        world.Failures["d"] = 1;
        await world.NewMachine().RunAsync(Token);
        await world.SayAsync(new RunVerb(RunVerbKind.Abort, "anna", "enough") { KeepsEffects = true }, Token);

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(["a", "b", "c"], world.Effects);
    }

    [Fact]
    public async Task A_drill_leaves_out_what_goes_outward_asks_nobody_and_undoes_all()
    {
        var world = await BeginAsync(
            Undoable
                + "\n  tell: { action: notify, with: { target: hook, text: x }, drill: run }\n  gate: { action: approve, approval: {} }",
            isDrill: true
        );
        world.Holding.Add("calm");
        world.OnEffect = (_, call) =>
            Assert.Equal("host=drill", ((Target.Postgres)Assert.Single(call.Targets)).Connection);

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.DoesNotContain("tell", world.Effects);
        Assert.Equal(["undo b", "undo a"], world.Effects[^2..]);
        Assert.Equal(RunResult.Completed, (await world.ReadAsync(Token)).Result);
    }

    [Theory]
    [InlineData("d", true)]
    [InlineData("", false)]
    public async Task A_drill_fails_by_a_step_or_by_what_it_leaves_behind(string failing, bool isCalm)
    {
        var world = await BeginAsync(Undoable, isDrill: true);
        world.Failures[failing] = 1;
        if (isCalm)
            world.Holding.Add("calm");

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(["undo b", "undo a"], world.Effects[^2..]);
        Assert.Equal(RunResult.Failed, (await world.ReadAsync(Token)).Result);
    }

    [Fact]
    public async Task A_step_that_is_not_critical_does_not_hold_the_run_up()
    {
        var world = await BeginAsync(
            Diamond.Replace("statement: b }", "statement: b }, critical: false", StringComparison.Ordinal)
        );
        world.Failures["b"] = 1;

        Assert.Equal(RunTurn.Ended, await world.NewMachine().RunAsync(Token));

        Assert.Equal(["a", "c", "d"], world.Effects);
    }

    /// <summary>Every store call of a whole run fails in turn, or is the last one of a killed process; another goes on.</summary>
    [Theory]
    [InlineData(StoreFault.Lost, false)]
    [InlineData(StoreFault.Unheard, false)]
    [InlineData(StoreFault.Lost, true)]
    [InlineData(StoreFault.Unheard, true)]
    public async Task Whatever_breaks_no_effect_comes_twice(StoreFault fault, bool isKill)
    {
        var breakAt = 1;
        for (var isThrough = false; !isThrough; breakAt++)
        {
            var world = await BeginAsync(Pair);
            world.Visible.UnionWith(["a", "b"]);
            var store = isKill
                ? FaultyStore.FailingFrom(world.Ledger.Store, breakAt, fault)
                : FaultyStore.FailingAt(world.Ledger.Store, breakAt, fault);
            var broken = world.NewMachine(store);
            try
            {
                isThrough = await broken.RunAsync(Token) == RunTurn.Ended && store.CallCount < breakAt;
            }
            catch (ResurgamException)
            {
                if (!isKill)
                    await broken.RunAsync(Token); // it lives, and turns again
            }
            world.Ledger.Time.Advance(RunLead.Lease);

            for (var i = 0; i < 10 && await world.NewMachine().RunAsync(Token) == RunTurn.Waiting; i++)
                foreach (var step in (await world.ReadAsync(Token)).Steps.Where(s => s.Status == StepStatus.Unknown))
                    await world.SayAsync(Verb(RunVerbKind.Retry, step.Step.Id.Value), Token); // it saw that nothing is there

            Assert.Equal(["a", "b"], world.Effects);
            Assert.Equal(RunResult.Completed, (await world.ReadAsync(Token)).Result);
            Assert.True((await world.Ledger.VerifyAsync(Token)).Passed, $"call {breakAt}");
        }
        Assert.True(breakAt > 30, $"only {breakAt} calls were broken");
    }

    [Theory]
    [InlineData("boot.1.2")]
    [InlineData(null)]
    public async Task Who_leads_since_when_is_read_back(string? process)
    {
        var world = await BeginAsync(Pair);
        RunJournal journal = new(world.Ledger.NewWriter(world.Ledger.NewMachine("desk")), RunWorld.Run);
        world.Ledger.Time.Advance(TimeSpan.FromMinutes(1));
        var now = world.Ledger.Time.GetUtcNow();
        RunEvent.Led lead = new("l-1", "host process 7", "anna", "a test") { Process = process };

        Assert.Null((await world.ReadAsync(Token)).LedAt);
        Assert.True(await journal.TryLeadAsync(lead, isForced: false, world.Ledger.Time, Token));

        var state = await world.ReadAsync(Token);
        Assert.Equal(
            ("l-1", "host process 7", process, now),
            (state.Leader, state.LeaderPlace, state.LeaderProcess, state.LedAt)
        );
    }

    private static RunJournal NewDesk(RunWorld world, Witness witness) =>
        new(world.Ledger.NewWriter(world.Ledger.NewMachine("desk")), RunWorld.Run, witness);

    private static (StepStatus, UndoStatus) StandingOf(StepState step) => (step.Status, step.Undo);

    private static RunVerb Verb(RunVerbKind kind, string step, string person = "anna") =>
        new(kind, person, "because") { Step = new StepId(step) };

    private static async Task<RunWorld> BeginAsync(string steps, bool isDrill = false)
    {
        RunWorld world = new();
        RunJournal journal = new(world.Ledger.NewWriter(world.Ledger.NewMachine("desk")), RunWorld.Run);
        await journal.BeginAsync(RunWorld.Begun(steps, isDrill), Token);
        return world;
    }

    private sealed class Witness : IHeadWitness
    {
        private readonly List<LedgerHead> _seen = [];

        public string Path => "seen";

        public LedgerHead? Find(StreamName stream) => _seen.LastOrDefault(head => head.Stream == stream);

        public void Saw(LedgerHead head) => _seen.Add(head);
    }
}
