using System.Globalization;
using System.Text;
using Resurgam.Core.Duties;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
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
    private const int Steps = 40;

    /// <summary>Twenty minutes are less than some backups take, and an hour is slept through: slots are missed.</summary>
    private static readonly Plan Plan = PlanOf(
        """
        resurgam: 1
        vault:
          store: file:///v
          secret: { env: S }
          replicas: [{ name: far, store: file:///far }]
        assets:
          db0: { kind: postgres, connection: host=x }
          db1: { kind: postgres, connection: host=x }
          cache: { kind: redis, host: x }
        schedules:
          all: { do: backup, cron: '*/20 * * * *' }
          proofs: { do: verify, asset: db1, cron: '10 * * * *', zone: Europe/Vienna }
          copies: { do: copy, cron: '5 * * * *' }
          drills: { do: drill, drill: small, cron: '40 * * * *' }
        scenarios: { s: { rto: 1h } }
        drills: { small: { scenario: s } }
        """
    );

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

    /// <summary>Duties that were missed, and that somebody began.</summary>
    public int LateStarts { get; private set; }

    private readonly DutyCalendar _calendar = new(Plan);
    private readonly Dictionary<AssetId, AssetFacts> _facts = Plan.Assets.ToDictionary(
        asset => asset.Id,
        asset => new AssetFacts
        {
            Asset = asset.Id,
            Kind = asset.Kind,
            History = AssetHistory.Empty,
        }
    );

    private DateTimeOffset Now => _world.Time.GetUtcNow();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var step = 0; step < Steps; step++)
            await StepAsync(cancellationToken);
        // Then nothing fails any more, and everything has to come to its end: what is due then, and what falls due meanwhile.
        _isCalm = true;
        for (var step = 0; step < Steps * 2; step++)
            await StepAsync(cancellationToken);
        var end = Now;
        for (var step = 0; step < Steps * 2 && (await UndoneAsync(end, cancellationToken)).Count > 0; step++)
            await StepAsync(cancellationToken);
        Assert.Empty(await UndoneAsync(end, cancellationToken));
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        Assert.Single(_daemons.SelectMany(daemon => daemon.Loop.Claims), claim => claim.Duty.IsEndless);
        foreach (var stream in await _world.Ledger.ListStreamsAsync(cancellationToken))
            if (stream.Value.StartsWith("duty.", StringComparison.Ordinal))
                await CheckAsync(stream, cancellationToken);
        var report = await _world.VerifyAsync(cancellationToken, allSignatures: true);
        Assert.True(report.Passed, string.Join('\n', report.Findings));
    }

    private async Task CheckAsync(StreamName stream, CancellationToken cancellationToken)
    {
        List<LedgerEntry> done = [];
        await foreach (var entry in _world.Ledger.ReadAsync(stream, 1, cancellationToken))
            if (DutyState.Of(entry).IsSettled)
                done.Add(entry);
        var slots = done.ConvertAll(entry => DutyState.Of(entry).DueAt);
        Assert.Equal(slots.Distinct().Order(), slots); // each once, and none after a later one
        // What broke too often is given up, and is recorded so.
        var passed = done.Count(entry =>
            Encoding.UTF8.GetString(entry.Body.Span).Contains("\"passed\":true", StringComparison.Ordinal)
        );
        var effects = Effects.GetValueOrDefault(stream);
        Assert.True(effects >= passed, $"{stream} was recorded more often than done");
        if (Kills + Sleeps == 0)
            Assert.Equal((passed, 0), (effects, LateStarts));
    }

    /// <summary>Names of what was due then and is not done. A snapshot that was taken since is none of it.</summary>
    private async Task<IReadOnlyList<string>> UndoneAsync(DateTimeOffset then, CancellationToken cancellationToken)
    {
        List<string> undone = [];
        foreach (
            var duty in new DutyCalendar(Plan)
                .DueAt(_facts.Values, then)
                .Where(duty => !duty.IsEndless && duty.DueAt <= then)
        )
        {
            var state = await DutyState.ReadAsync(_world.Ledger, duty.Stream, cancellationToken);
            if (!state.IsSettled || state.DueAt < duty.DueAt)
                undone.Add($"{duty.Name} of {duty.DueAt:HH:mm}");
        }
        return undone;
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
            if (_random.Next(3) != 0 || _isCalm)
                daemon.Seen = [.. _facts.Values]; // else its last look at the vault is an old one
            await daemon.Loop.TickAsync(_calendar.DueAt(daemon.Seen, Now), Now, cancellationToken);
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
        var held = _daemons
            .Where(daemon => daemon.AsleepUntil <= Now)
            .SelectMany(daemon => daemon.Loop.Claims)
            .Where(claim => claim.Until > Now)
            .GroupBy(claim => claim.Duty.Stream);
        foreach (var claims in held)
            Assert.True(claims.Count() == 1, $"{claims.Count()} daemons hold {claims.Key}");
    }

    private void FinishWork(SimulatedDaemon daemon)
    {
        foreach (var work in daemon.Works.Where(work => work.Result is null && work.EndsAt <= Now).ToList())
        {
            var isBroken = !_isCalm && _random.Next(6) == 0;
            if (!isBroken)
                TakeEffect(work.Duty);
            work.Result = new DutyResult(isBroken, !isBroken, "so it is");
        }
    }

    private void TakeEffect(Duty duty)
    {
        Effects[duty.Stream] = Effects.GetValueOrDefault(duty.Stream) + 1;
        var number = string.Create(CultureInfo.InvariantCulture, $"{Effects.Values.Sum()}");
        SnapshotFact taken = new(BlobId.Of(Encoding.ASCII.GetBytes(number)), Now);
        switch (duty)
        {
            case Duty.Backup backup:
                var facts = _facts[backup.Asset];
                _facts[backup.Asset] = facts with { Snapshots = [.. facts.Snapshots, taken] };
                break;
            case Duty.Verify verify:
                AssetEvent.Verification proof = new()
                {
                    At = Now,
                    Snapshot = verify.Snapshot,
                    Passed = true,
                    Steps = [],
                };
                var asset = _facts[verify.Asset];
                _facts[verify.Asset] = asset with { History = asset.History.With(proof) };
                break;
            default:
                break; // leaves nothing that a look at the vault would show
        }
    }

    private void Restart(SimulatedDaemon daemon)
    {
        daemon.Works.Clear();
        daemon.Generation++;
        var store = new FaultyStore(_world.Store, (_, _) => FaultOf(daemon));
        var book = new DutyBook(
            _world.NewWriter(daemon.Machine, new MeetingStore(store, () => MeetAsync(daemon))),
            TermsOf(daemon.Machine.Actor, string.Create(CultureInfo.InvariantCulture, $"{daemon.Generation}"))
        );
        daemon.Loop = new DutyLoop(book, new Worker(this, daemon), _ => { });
    }

    /// <summary>It knows that the one before it on its machine is dead.</summary>
    private static DutyTerms TermsOf(string machine, string generation) =>
        new()
        {
            Owner = $"{machine}.{generation}",
            IsDead = owner =>
                owner.StartsWith($"{machine}.", StringComparison.Ordinal) && owner != $"{machine}.{generation}",
        };

    private static Plan PlanOf(string text) =>
        Assert.IsType<PlanReading.Good>(PlanReader.Read(text, "/plans/test.yaml")).Plan;

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
            // Who had begun it is dead, so what is left of it is undone.
            if (duty.IsMissedAt(simulation.Now))
                simulation.LateStarts++;
            var lasts = duty.IsEndless ? TimeSpan.FromDays(100) : TimeSpan.FromMinutes(simulation._random.Next(1, 30));
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

        public IReadOnlyList<AssetFacts> Seen { get; set; } = [];

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
