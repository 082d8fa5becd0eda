using System.Globalization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

/// <summary>A ledger in memory, a run in it, and a world in which its steps leave traces that can be counted.</summary>
internal sealed class RunWorld(int seed = 1)
{
    public const string Head = """
        resurgam: 1
        vault: { store: file:///v, secret: { env: S } }
        assets: { db: { kind: postgres, connection: host=x } }
        targets:
          db: { kind: postgres, connection: host=real, drill: { connection: host=drill } }
          hook: { kind: webhook, url: { env: HOOK } }
        runbooks:
          r:

        """;

    public static readonly RunId Run = new("r-1");

    private readonly Dictionary<IStore, RunJournal> _desks = [];
    private int _machines;

    public LedgerWorld Ledger { get; } = new(seed);

    /// <summary>Effects that are there, in the order in which they came; an undo is <c>undo NAME</c>.</summary>
    public List<string> Effects { get; } = [];

    /// <summary>Called right before each effect.</summary>
    public Action<string, StepCall> OnEffect { get; set; } = (_, _) => { };

    /// <summary>Steps whose effect fails, so often.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>Steps whose effect can be seen afterwards.</summary>
    public HashSet<string> Visible { get; } = [];

    /// <summary>What the reports of steps note.</summary>
    public Dictionary<string, StepNote> Notes { get; } = [];

    /// <summary>Conditions are asked by this query's text: those in here hold.</summary>
    public HashSet<string> Holding { get; } = [];

    /// <summary>Queries that cannot be asked just now, so often.</summary>
    public Dictionary<string, int> Unanswered { get; } = [];

    public static RunEvent.Begun Begun(string steps, bool isDrill = false) =>
        Of(PlanReaderTests.ReadGood(Head + Indent(steps)), isDrill);

    public Machine NewMachine(IStore? store = null) =>
        new(this, Ledger.NewMachine($"machine{++_machines}"), store ?? Ledger.Store);

    /// <param name="store">Null: the vault's own.</param>
    public async Task<RunState> ReadAsync(CancellationToken cancellationToken, IStore? store = null)
    {
        var desk = DeskAt(store ?? Ledger.Store);
        await desk.CatchUpAsync(cancellationToken);
        return desk.State;
    }

    /// <param name="store">Null: the vault's own.</param>
    public Task<string?> SayAsync(RunVerb verb, CancellationToken cancellationToken, IStore? store = null) =>
        DeskAt(store ?? Ledger.Store).SayAsync(verb, cancellationToken);

    /// <summary>Where people sit.</summary>
    private RunJournal DeskAt(IStore store)
    {
        if (!_desks.TryGetValue(store, out var desk))
            _desks[store] = desk = new RunJournal(Ledger.NewWriter(Ledger.NewMachine("desk"), store), Run);
        return desk;
    }

    private static RunEvent.Begun Of(Core.Plans.Plan plan, bool isDrill) =>
        new()
        {
            Runbook = plan.Runbooks[0],
            Targets = plan.Targets,
            PlanHash = plan.Hash,
            Requester = "anna",
            Reason = "a test",
            IsDrill = isDrill,
        };

    private static string Indent(string text) =>
        string.Join('\n', text.Split('\n').Select(line => $"    {line}")) + "\n";

    /// <summary>A process that may lead: killed, it forgets all but its key.</summary>
    public sealed class Machine(RunWorld world, LedgerAuthor author, IStore store)
    {
        /// <summary>Far more than any run here needs: the thread pool of a busy machine may be late.</summary>
        private const int MostTurns = 20_000;

        private int _lives;

        public RunInterpreter? Interpreter { get; private set; }

        public string Leader { get; private set; } = "";

        /// <summary>Effects that are there and whose actions have not returned yet.</summary>
        public List<TaskCompletionSource> Pending { get; } = [];

        /// <summary>Whether actions return at once.</summary>
        public bool IsQuick { get; set; } = true;

        /// <summary>Leads if it can, and does a turn.</summary>
        public async Task<RunTurn> TurnAsync(CancellationToken cancellationToken)
        {
            if (Interpreter is null)
            {
                Leader = string.Create(CultureInfo.InvariantCulture, $"{author.Actor}#{++_lives}");
                RunJournal journal = new(world.Ledger.NewWriter(author, store), Run);
                RunEvent.Led lead = new(Leader, author.Actor, "anna", "a test");
                if (!await journal.TryLeadAsync(lead, isForced: false, world.Ledger.Time, cancellationToken))
                    return journal.State.Result is null ? RunTurn.Superseded : RunTurn.Ended;
                Interpreter = new RunInterpreter(journal, new Work(world, this), world.Ledger.Time, Leader);
            }
            var turn = await Interpreter.TurnAsync(cancellationToken);
            if (turn is RunTurn.Ended or RunTurn.Superseded)
                Kill();
            return turn;
        }

        public void Kill()
        {
            Interpreter = null;
            Pending.Clear();
        }

        /// <summary>Until nothing is left to do but to wait for people; the clock goes on by two seconds with each turn.</summary>
        public async Task<RunTurn> RunAsync(CancellationToken cancellationToken)
        {
            var turn = RunTurn.Working;
            for (var i = 0; i < MostTurns && turn == RunTurn.Working; i++)
            {
                turn = await TurnAsync(cancellationToken);
                world.Ledger.Time.Advance(TimeSpan.FromSeconds(2));
                await Task.Yield(); // a step that was cut off goes on in the thread pool
            }
            return turn;
        }
    }

    private sealed class Work(RunWorld world, Machine machine) : IStepWork
    {
        public Task<StepReport> LookAsync(StepCall stepCall, CancellationToken cancellationToken) =>
            Task.FromResult(StepReport.Done("seen", new StepNote("seen", stepCall.Step.Id.Value)));

        public async Task<StepReport> ActAsync(StepCall stepCall, CancellationToken cancellationToken)
        {
            var name = stepCall.Step.Id.Value;
            world.OnEffect(machine.Leader, stepCall);
            if (!stepCall.IsUndo && world.Failures.GetValueOrDefault(name) is var left and > 0)
            {
                world.Failures[name] = left - 1;
                throw FaultyStore.Failure(name);
            }
            world.Effects.Add(stepCall.IsUndo ? $"undo {name}" : name);
            if (!machine.IsQuick)
            {
                TaskCompletionSource pending = new();
                machine.Pending.Add(pending);
                await pending.Task.WaitAsync(cancellationToken);
            }
            return world.Notes.TryGetValue(name, out var note) && !stepCall.IsUndo
                ? StepReport.Done("done", note)
                : StepReport.Done("done");
        }

        public Task<bool?> ProbeAsync(StepCall stepCall, CancellationToken cancellationToken) =>
            Task.FromResult<bool?>(
                world.Visible.Contains(stepCall.Step.Id.Value) ? world.Effects.Contains(stepCall.Step.Id.Value) : null
            );

        public Task<ConditionReport> AskAsync(
            Condition condition,
            StepCall stepCall,
            CancellationToken cancellationToken
        )
        {
            var query = ((Condition.Sql)condition).Query;
            if (world.Unanswered.GetValueOrDefault(query) is var left and > 0)
            {
                world.Unanswered[query] = left - 1;
                throw FaultyStore.Failure(query);
            }
            return Task.FromResult(new ConditionReport(world.Holding.Contains(query), query));
        }
    }
}
