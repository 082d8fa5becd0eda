using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary>One history. Who does what, what fails, and who goes on between two calls of another are functions of the seed.</summary>
internal sealed class LedgerSimulation
{
    private const int Steps = 16;
    private const int MostNested = 2;

    private readonly Random _random;
    private readonly LedgerWorld _world;
    private readonly List<Machine> _machines = [];
    private int _nested;
    private int _number;

    public LedgerSimulation(int seed)
    {
        _random = new Random(seed);
        _world = new LedgerWorld(seed);
        for (var i = 0; i < 3; i++)
            _machines.Add(new Machine(_world.NewMachine($"machine{i}")));
        foreach (var machine in _machines)
            Restart(machine);
    }

    public List<LedgerEntry> Acknowledged { get; } = [];

    /// <summary>Operations that a fault of the store ended.</summary>
    public int Failures { get; private set; }

    /// <summary>How often one found that another had been there first, or was run between another's calls.</summary>
    public int Meetings { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var step = 0; step < Steps; step++)
            await StepAsync(_machines[_random.Next(_machines.Count)], cancellationToken);
    }

    /// <returns>How many entries lie behind a segment that holds another: written by a sleeper that was killed at once.</returns>
    public async Task<int> CheckAsync(CancellationToken cancellationToken)
    {
        var report = await _world.VerifyAsync(cancellationToken, allSignatures: true);
        var ghosts = report.Findings.Where(finding => finding.Fault == LedgerFault.Forked).ToList();
        Assert.True(ghosts.Count == report.Findings.Count, string.Join('\n', report.Findings));
        foreach (var entry in Acknowledged)
            Assert.Equal(entry, await _world.Ledger.FindAsync(entry.Stream, entry.Seq, cancellationToken));
        Assert.Equal(Acknowledged.Count, Acknowledged.Select(entry => (entry.Stream, entry.Seq)).Distinct().Count());
        return ghosts.Count;
    }

    private async Task StepAsync(Machine machine, CancellationToken cancellationToken)
    {
        machine.IsBusy = true;
        try
        {
            await DoAsync(machine, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            Failures++;
            Restart(machine); // as after kill -9; the head that it saw last stays in its mind
        }
        finally
        {
            machine.IsBusy = false;
        }
    }

    private async Task DoAsync(Machine machine, CancellationToken cancellationToken)
    {
        var stream = _random.Next(4) == 0 ? LedgerWorld.Files : LedgerWorld.Db;
        switch (_random.Next(10))
        {
            case < 5:
                Take(await machine.Writer.AppendAsync(stream, LedgerWorld.Fact(_number++), cancellationToken));
                break;
            case 5: // a leader looks, and may sleep long before it writes
                machine.Head = await machine.Writer.Ledger.FindHeadAsync(LedgerWorld.Db, cancellationToken);
                break;
            case 6 when machine.Head is { } head:
                Take(await machine.Writer.TryAppendAfterAsync(head, LedgerWorld.Fact(_number++), cancellationToken));
                break;
            case 7:
                _world.Time.Advance(TimeSpan.FromHours(_random.Next(40)));
                await machine.Writer.AnchorAsync(cancellationToken);
                break;
            case 8:
                await new LedgerCompaction(machine.Writer.Ledger).RunAsync(stream, cancellationToken);
                break;
            default:
                Restart(machine);
                break;
        }

        void Take(LedgerEntry? entry)
        {
            if (entry is null)
                Meetings++;
            else
                Acknowledged.Add(entry);
        }
    }

    private void Restart(Machine machine) =>
        machine.Writer = _world.NewWriter(machine.Author, new FaultyStore(_world.Store, (_, _) => FaultOf(machine)));

    /// <summary>Called before each store call: perhaps another machine works now, and perhaps the call fails.</summary>
    private StoreFault FaultOf(Machine machine)
    {
        if (_nested < MostNested && _random.Next(25) == 0)
        {
            var other = _machines.Where(one => one != machine && !one.IsBusy).ToList();
            if (other.Count > 0)
            {
                _nested++;
                Meetings++;
                var step = StepAsync(other[_random.Next(other.Count)], CancellationToken.None);
                Assert.True(step.IsCompleted, "everything in memory is done at once");
                step.GetAwaiter().GetResult();
                _nested--;
            }
        }
        return _random.Next(200) switch
        {
            0 => StoreFault.Lost,
            1 => StoreFault.Unheard,
            _ => StoreFault.None,
        };
    }

    private sealed class Machine(LedgerAuthor author)
    {
        public LedgerAuthor Author => author;

        public LedgerWriter Writer { get; set; } = null!;

        public LedgerHead? Head { get; set; }

        public bool IsBusy { get; set; }
    }
}
