using Resurgam.Core.Ledgers;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

/// <summary>
/// The vault's own place and a replica of it no longer see each other, and a run goes on in one of them or in both. Each is a fence of its own:
/// what holds in each holds; what was done in both shows as a fork; and where only one went on, nothing was done twice.
/// </summary>
public sealed class RunPartitionTests
{
    /// <summary>A thousand in CI; at a desk fewer, for they take a while.</summary>
    private static readonly int Seeds = Environment.GetEnvironmentVariable("CI") is null ? 150 : 1000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_goes_on_in_two_places_is_a_fork_and_in_one_of_them_is_done_once()
    {
        Dictionary<string, int> seen = [];
        for (var seed = 0; seed < Seeds; seed++)
        {
            Partition partition = new(seed);
            try
            {
                await partition.RunAsync(Token);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
            foreach (var what in partition.Seen)
                seen[what] = seen.GetValueOrDefault(what) + 1;
        }
        var told = string.Join(", ", seen.OrderBy(one => one.Key).Select(one => $"{one.Value} {one.Key}"));
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        // Histories in which nothing happens prove nothing.
        Assert.All(
            (string[])["fork", "ahead", "unknown", "twice in a fork"],
            what => Assert.True(seen.GetValueOrDefault(what) > Seeds / 30, told)
        );
    }

    private sealed class Partition
    {
        private readonly Random _random;
        private readonly RunWorld _world;
        private readonly HashSet<string> _seen = [];

        /// <summary>The place that the machine sees whose turn it is.</summary>
        private IStore? _place;

        public Partition(int seed)
        {
            _random = new Random(seed);
            _world = new RunWorld(seed) { OnEffect = Judge };
        }

        public IEnumerable<string> Seen => _seen;

        private MemoryStore Primary => _world.Ledger.Store;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            var begun = RunWorld.Begun(RunSimulation.Runbook(_random, _world));
            RunJournal journal = new(_world.Ledger.NewWriter(_world.Ledger.NewMachine("desk")), RunWorld.Run);
            await journal.BeginAsync(begun, cancellationToken);
            var here = _world.NewMachine();
            here.IsQuick = false;
            for (var i = _random.Next(1, 12); i > 0; i--)
                await GoOnAsync(here, Primary, cancellationToken);
            var replica = _world.Ledger.CopyStore();
            var copied = await HeadAsync(replica, cancellationToken);
            // The region is gone with its machine, or only the line between the two is cut.
            var lives = _random.Next(2) == 0;
            _world.Ledger.Time.Advance(RunLead.Lease + TimeSpan.FromSeconds(30));
            var there = _world.NewMachine(replica);
            there.IsQuick = false;
            for (var i = 0; i < 300 && !await AreEndedAsync(lives, replica, cancellationToken); i++)
            {
                if (lives && _random.Next(2) == 0)
                    await GoOnAsync(here, Primary, cancellationToken);
                else
                    await GoOnAsync(there, replica, cancellationToken);
                _world.Ledger.Time.Advance(TimeSpan.FromSeconds(5));
            }
            Assert.True(await AreEndedAsync(lives, replica, cancellationToken), "the run does not end");
            await CheckAsync(replica, copied, cancellationToken);
        }

        private async Task<bool> AreEndedAsync(bool lives, MemoryStore replica, CancellationToken cancellationToken) =>
            (await _world.ReadAsync(cancellationToken, replica)).Result is not null
            && (!lives || (await _world.ReadAsync(cancellationToken)).Result is not null);

        private async Task GoOnAsync(RunWorld.Machine machine, IStore store, CancellationToken cancellationToken)
        {
            foreach (var pending in machine.Pending.ToList())
                if (_random.Next(2) == 0)
                {
                    machine.Pending.Remove(pending);
                    pending.TrySetResult();
                }
            _place = store;
            await machine.TurnAsync(cancellationToken);
            if (_random.Next(2) == 0)
                await DecideAsync(store, cancellationToken);
        }

        private async Task DecideAsync(IStore store, CancellationToken cancellationToken)
        {
            var state = await _world.ReadAsync(cancellationToken, store);
            if (_random.Next(40) == 0)
                await _world.SayAsync(new RunVerb(RunVerbKind.Abort, "anna", "enough"), cancellationToken, store);
            foreach (var wait in state.Waits)
            {
                if (state.FindStep(wait.Step.Id)?.Status == StepStatus.Unknown)
                    _seen.Add("unknown");
                var kind = wait.For switch
                {
                    WaitFor.Approval => RunVerbKind.Approve,
                    WaitFor.Hands or WaitFor.UndoDecision => RunVerbKind.Done,
                    // The person looks whether the effect is there, which the program could not.
                    WaitFor.Decision => _world.Effects.Contains(wait.Step.Id.Value)
                        ? RunVerbKind.Done
                        : RunVerbKind.Retry,
                };
                RunVerb word = new(kind, "ben", "looked at it") { Step = wait.Step.Id };
                await _world.SayAsync(word, cancellationToken, store);
            }
        }

        /// <summary>What holds at the moment of every effect, by what stands in the place that its leader sees.</summary>
        private void Judge(string leader, StepCall call)
        {
            var reading = _world.ReadAsync(CancellationToken.None, _place);
            Assert.True(reading.IsCompleted, "everything in memory is done at once");
            var state = reading.GetAwaiter().GetResult();
            var step = state.FindStep(call.Step.Id);
            Assert.NotNull(step);
            Assert.Equal(state.Leader, leader);
            Assert.Null(state.Result);
            if (call.IsUndo)
                return;
            Assert.Null(state.Abort);
            Assert.True(step.Step.Approval is null || step.Approval is { Person: "ben" });
            Assert.True(state.IsFree(step), "what it needs is settled");
        }

        private Task<LedgerHead> HeadAsync(IStore store, CancellationToken cancellationToken) =>
            _world.Ledger.Open(store).FindHeadAsync(RunJournal.StreamOf(RunWorld.Run), cancellationToken);

        private async Task CheckAsync(MemoryStore replica, LedgerHead copied, CancellationToken cancellationToken)
        {
            foreach (var store in new[] { Primary, replica })
            {
                var report = await _world.Ledger.VerifyAsync(store, [copied], cancellationToken);
                Assert.True(report.Passed, string.Join('\n', report.Findings));
            }
            var wentOnHere = (await HeadAsync(Primary, cancellationToken)).Seq > copied.Seq;
            var wentOnThere = (await HeadAsync(replica, cancellationToken)).Seq > copied.Seq;
            var all = await LedgerComparison.RunAsync(
                _world.Ledger.Ledger,
                _world.Ledger.Open(replica),
                cancellationToken
            );
            var stream = all.Single(one => one.Stream == RunJournal.StreamOf(RunWorld.Run));
            var isForked = wentOnHere && wentOnThere;
            if (isForked)
                Assert.Equal(copied.Seq, Assert.IsType<StreamComparison.Fork>(stream).CommonSeq);
            else if (wentOnThere)
                Assert.True(Assert.IsType<StreamComparison.Ahead>(stream).IsOtherAhead);
            else
                Assert.IsType<StreamComparison.Same>(stream); // it had ended before
            _seen.Add(
                isForked ? "fork"
                : wentOnThere ? "ahead"
                : "same"
            );

            var state = await _world.ReadAsync(cancellationToken, replica);
            foreach (var step in state.Steps.Where(step => !step.Step.Action.IsIdempotent))
                if (_world.Effects.Count(effect => effect == step.Step.Id.Value) > 1)
                {
                    Assert.True(isForked, $"{step.Step.Id} twice: {string.Join(' ', _world.Effects)}");
                    _seen.Add("twice in a fork");
                }
        }
    }
}
