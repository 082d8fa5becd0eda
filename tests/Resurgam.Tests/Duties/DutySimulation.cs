using System.Globalization;
using System.Text;
using Resurgam.Core.Duties;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Duties;

/// <summary>
/// Some daemons on one vault. Which calls of the store fail, who is killed at which of them, who sleeps for an hour and who
/// goes on between two calls of another are functions of the seed.
/// </summary>
internal sealed class DutySimulation
{
    private const int Duties = 3;
    private const int Steps = 40;

    private readonly Random _random;
    private readonly LedgerWorld _world;
    private readonly List<SimulatedDaemon> _daemons = [];
    private bool _isCalm;
    private bool _isNested;

    public DutySimulation(int seed)
    {
        _random = new Random(seed);
        _world = new LedgerWorld(seed);
        for (var i = 0; i < 3; i++)
            _daemons.Add(new SimulatedDaemon(_world.NewMachine($"machine{i}")));
        foreach (var daemon in _daemons)
            Restart(daemon);
    }

    /// <summary>Work that was done to its end, by duty.</summary>
    public Dictionary<StreamName, int> Effects { get; } = [];

    public int Kills { get; private set; }

    public int Sleeps { get; private set; }

    private IReadOnlyList<Duty> Wanted { get; } =
    [
        .. Enumerable
            .Range(0, Duties)
            .Select(i => new Duty.Verify
            {
                DueAt = new DateTimeOffset(2026, 11, 23, 11, i, 0, TimeSpan.Zero),
                Asset = new AssetId(string.Create(CultureInfo.InvariantCulture, $"db{i}")),
                Snapshot = BlobId.Of([(byte)i]),
            }),
    ];

    private DateTimeOffset Now => _world.Time.GetUtcNow();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var step = 0; step < Steps; step++)
            await StepAsync(cancellationToken);
        // Then nothing fails any more, and everything has to come to its end.
        _isCalm = true;
        for (var step = 0; step < Steps * 2; step++)
            await StepAsync(cancellationToken);
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        foreach (var duty in Wanted)
        {
            List<LedgerEntry> entries = [];
            await foreach (var entry in _world.Ledger.ReadAsync(duty.Stream, 1, cancellationToken))
                entries.Add(entry);
            Assert.Equal(1, entries.Count(entry => entry.Kind == DutyEntry.Done));
            Assert.Equal(DutyEntry.Done, entries[^1].Kind);
            var done = Effects.GetValueOrDefault(duty.Stream);
            // What broke too often is given up, and is recorded so.
            if (Encoding.UTF8.GetString(entries[^1].Body.Span).Contains("\"passed\":true", StringComparison.Ordinal))
                Assert.True(done >= 1, $"{duty.Name} was recorded and never done");
            if (Kills + Sleeps == 0)
                Assert.Equal(1, done);
        }
        var report = await _world.VerifyAsync(cancellationToken, allSignatures: true);
        Assert.True(report.Passed, string.Join('\n', report.Findings));
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        _world.Time.Advance(TimeSpan.FromSeconds(_random.Next(5, _isCalm ? 300 : 120)));
        foreach (var daemon in _daemons.Where(daemon => daemon.AsleepUntil <= Now))
            FinishWork(daemon);
        if (!_isCalm && _random.Next(25) == 0)
        {
            Sleeps++;
            _daemons[_random.Next(_daemons.Count)].AsleepUntil = Now + TimeSpan.FromMinutes(_random.Next(5, 90));
        }
        AssertNoneTwiceAtOnce();
        foreach (var daemon in _daemons)
            await TickAsync(daemon, cancellationToken);
    }

    private async Task TickAsync(SimulatedDaemon daemon, CancellationToken cancellationToken)
    {
        if (daemon.AsleepUntil > Now || daemon.IsBusy)
            return;
        daemon.IsBusy = true;
        try
        {
            await daemon.Loop.TickAsync(Wanted, Now, cancellationToken);
        }
        catch (KilledException)
        {
            Kills++;
            Restart(daemon);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            // The store failed: the next tick goes on.
        }
        finally
        {
            daemon.IsBusy = false;
        }
    }

    /// <summary>Who is awake and believes that the claim holds is alone in that.</summary>
    private void AssertNoneTwiceAtOnce()
    {
        foreach (var duty in Wanted)
        {
            var holders = _daemons
                .Where(daemon => daemon.AsleepUntil <= Now)
                .SelectMany(daemon => daemon.Loop.Claims)
                .Count(claim => claim.Duty.Stream == duty.Stream && claim.Until > Now);
            Assert.True(holders <= 1, $"{holders} daemons hold {duty.Name}");
        }
    }

    private void FinishWork(SimulatedDaemon daemon)
    {
        foreach (var work in daemon.Works.Where(work => work.Result is null && work.EndsAt <= Now).ToList())
        {
            var isBroken = !_isCalm && _random.Next(6) == 0;
            if (!isBroken)
                Effects[work.Duty.Stream] = Effects.GetValueOrDefault(work.Duty.Stream) + 1;
            work.Result = new DutyResult(isBroken, !isBroken, "so it is");
        }
    }

    private void Restart(SimulatedDaemon daemon)
    {
        daemon.Works.Clear();
        daemon.Generation++;
        var store = new FaultyStore(_world.Store, (_, _) => FaultOf(daemon));
        var book = new DutyBook(
            _world.NewWriter(daemon.Machine, new MeetingStore(store, () => MeetAsync(daemon))),
            string.Create(CultureInfo.InvariantCulture, $"{daemon.Machine.Actor}-{daemon.Generation}")
        );
        daemon.Loop = new DutyLoop(book, new Worker(this, daemon), mostAtOnce: 2, _ => { });
    }

    private StoreFault FaultOf(SimulatedDaemon daemon)
    {
        if (_isCalm)
            return StoreFault.None;
        return _random.Next(60) switch
        {
            0 => daemon.IsBusy ? throw new KilledException() : StoreFault.None,
            1 => StoreFault.Lost,
            2 => StoreFault.Unheard,
            _ => StoreFault.None,
        };
    }

    /// <summary>Between two calls of one, another does a whole round.</summary>
    private async Task MeetAsync(SimulatedDaemon daemon)
    {
        if (_isNested || _random.Next(8) != 0)
            return;
        _isNested = true;
        try
        {
            await TickAsync(_daemons[(_daemons.IndexOf(daemon) + 1) % _daemons.Count], CancellationToken.None);
        }
        finally
        {
            _isNested = false;
        }
    }

    private sealed class Worker(DutySimulation simulation, SimulatedDaemon daemon) : IDutyWorker
    {
        public IDutyWork Start(Duty duty)
        {
            var lasts = TimeSpan.FromMinutes(simulation._random.Next(1, 30));
            SimulatedWork work = new(duty, simulation.Now + lasts);
            daemon.Works.Add(work);
            return work;
        }
    }

    private sealed class SimulatedDaemon(LedgerAuthor machine)
    {
        private DutyLoop? _loop;

        public LedgerAuthor Machine => machine;

        public DutyLoop Loop
        {
            get => _loop ?? throw new InvalidOperationException("it was never started");
            set => _loop = value;
        }

        public int Generation { get; set; }

        public List<SimulatedWork> Works { get; } = [];

        public DateTimeOffset AsleepUntil { get; set; }

        public bool IsBusy { get; set; }
    }

    private sealed class SimulatedWork(Duty duty, DateTimeOffset endsAt) : IDutyWork
    {
        public Duty Duty => duty;

        public DateTimeOffset EndsAt => endsAt;

        public DutyResult? Result { get; set; }

        public void Cancel() => Result ??= new DutyResult(IsBroken: true, Passed: false, "cancelled");
    }

    /// <summary>kill -9 at a call of the store.</summary>
    private sealed class KilledException : Exception;
}
