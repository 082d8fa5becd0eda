using Resurgam.Adapters.Plans;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Traces;
using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Ledgers;
using Resurgam.Status;
using Resurgam.Vaults;
using Resurgam.Verifications;
using Resurgam.Wal;

namespace Resurgam.Serve;

/// <summary>
/// Keeps a plan's promises while nobody looks: follows the changes of every asset that has a stream, backs up, verifies and copies on time,
/// and knows at any moment what would be lost. Several daemons on one vault share the work: docs/operations/daemon.md.
/// </summary>
internal sealed class Daemon(Session session, DaemonLog log, TimeSpan lease, OrderDesk desk) : IDisposable
{
    private const string Looking = "status";
    private const string Dutiful = "duties";
    private const string Planning = "plan";
    private const string Ordered = "orders";

    /// <summary>Between two looks at the vault. One on S3 costs money by the request.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookPeriodFar = TimeSpan.FromMinutes(5);

    /// <summary>After a look there is none for so many times as long as it took, whatever happens.</summary>
    private const int RestOfLook = 10;

    private static readonly TimeSpan LongestDutyPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PlanPeriod = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BeatPeriod = TimeSpan.FromSeconds(10);

    /// <summary>A round that takes longer hangs: the store's own limits are far below.</summary>
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(10);

    /// <summary>After the order to stop: how long work may take to end.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time = session.Time;
    private readonly SystemdNotify _systemd = new(session.Around.FindVariable);
    private readonly SemaphoreSlim _kick = new(0, 1);
    private readonly SemaphoreSlim _ended = new(0, 1);
    private volatile PlanSight? _sight;
    private volatile Problem? _planProblem;
    private volatile Plan? _plan;
    private CancellationToken _stop;

    public Supervisor Supervisor { get; } = new(log, session.Time);

    /// <summary>What was seen last, and of which plan; null before the first look.</summary>
    public PlanSight? Sight => _sight;

    /// <summary>The one that is followed; null before it was read.</summary>
    public Plan? Plan => _plan;

    /// <summary>Why the plan file as it is now is not the one that is kept.</summary>
    public Problem? PlanProblem => _planProblem;

    public TimeProvider Time => _time;

    /// <summary>What was seen last, as of now: ages grow, and the streams of this machine are asked again. Null before the first look.</summary>
    public PlanSight? FindSightNow()
    {
        if (_sight is not { } sight)
            return null;
        var now = _time.GetUtcNow();
        return sight with
        {
            Status = sight.Status.AsOf(
                sight.Plan,
                now,
                facts => StatusReader.AskStream(session, sight.Plan, facts, now)
            ),
        };
    }

    /// <summary>Until it is told to stop.</summary>
    /// <exception cref="ResurgamException">The plan is wrong, or its vault does not open: at the start only.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var text = await PlanFile.ReadTextAsync(session.PlanPath, stop);
        var plan = await session.LoadPlanAsync(stop);
        (await VaultAccess.OpenPlaceAsync(session, plan, stop)).Dispose();
        _stop = stop;
        _systemd.Ready($"{plan.Assets.Count} assets");
        log.Write(
            LogLevel.Note,
            Planning,
            $"serving plan {plan.Name} ({plan.Hash[..12]}) with {plan.Assets.Count} assets"
        );
        var watchdog = WatchdogAsync(stop);
        await VerifyLeftovers.RemoveAsync(session, plan, stop);
        DateTimeOffset? changedAt = null;
        while (!stop.IsCancellationRequested)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _plan = plan;
            var work = KeepAsync(plan, changedAt, end.Token);
            (text, plan) = await WaitForPlanAsync(text, plan, stop);
            changedAt = _time.GetUtcNow();
            await end.CancelAsync();
            await work;
        }
        _systemd.Stopping();
        await desk.StopAsync();
        await watchdog;
    }

    public void Dispose()
    {
        _kick.Dispose();
        _ended.Dispose();
    }

    /// <summary>All workers of a plan, until the token says so.</summary>
    private async Task KeepAsync(Plan plan, DateTimeOffset? changedAt, CancellationToken end)
    {
        List<Task> workers =
        [
            Supervisor.KeepAsync(Looking, LongestRound, token => LookAsync(plan, token), end),
            Supervisor.KeepAsync(Dutiful, LongestRound, token => DoDutiesAsync(plan, changedAt, token), end),
            Supervisor.KeepAsync(Ordered, limit: null, token => desk.KeepAsync(plan, token), end),
            .. plan
                .Assets.OfType<Asset.Postgres>()
                .Select(asset =>
                    Supervisor.KeepAsync($"wal {asset.Id}", LongestRound, token => StreamAsync(plan, asset, token), end)
                ),
        ];
        await Task.WhenAll(workers);
    }

    /// <summary>Returns when the file holds another good plan, or when it is time to stop. A bad one is told, and the old one is kept.</summary>
    private async Task<(string Text, Plan Plan)> WaitForPlanAsync(string text, Plan plan, CancellationToken stop)
    {
        using PeriodicTimer timer = new(PlanPeriod, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    var now = await PlanFile.ReadTextAsync(session.PlanPath, stop);
                    if (now == text)
                        continue;
                    text = now;
                    var next = await session.LoadPlanAsync(stop);
                    _planProblem = null;
                    if (next.Hash == plan.Hash)
                        continue;
                    log.Write(
                        LogLevel.Note,
                        Planning,
                        $"the plan has changed to {next.Hash[..12]}, and is followed from now on"
                    );
                    return (text, next);
                }
                catch (ResurgamException e)
                {
                    if (_planProblem?.What != e.Problem.What)
                        log.Write(
                            LogLevel.Error,
                            Planning,
                            $"the plan file is not followed, the plan of before is: {e.Problem.What}",
                            e.Problem.Code
                        );
                    _planProblem = e.Problem;
                    if (e.Problem.Code is "plan-file-missing" or "plan-file-unreadable")
                        text = ""; // when it is back, it is looked at, whatever it says
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The caller's loop ends.
        }
        return (text, plan);
    }

    private async Task LookAsync(Plan plan, CancellationToken cancellationToken)
    {
        var period = plan.Vault.Store.Kind == StoreKind.Folder ? LookPeriod : LookPeriodFar;
        while (true)
        {
            var began = _time.GetTimestamp();
            var sight = await Spans.RunAsync("look", [], _ => SeeAsync(plan, cancellationToken));
            TellChanges(_sight, sight.Status);
            _sight = sight;
            Supervisor.Beat(Looking);
            var risky = sight.Status.Assets.Count(asset => asset.IsAtRisk);
            _systemd.Status(
                risky == 0 ? $"{plan.Assets.Count} assets safe" : $"{risky} of {plan.Assets.Count} assets at risk"
            );
            // A thousand duties that end one after the other must not mean a thousand looks at a thousand assets.
            var rest = _time.GetElapsedTime(began) * RestOfLook;
            await Task.Delay(rest < period ? rest : period, _time, cancellationToken);
            await _kick.WaitAsync(period, cancellationToken);
        }
    }

    private async Task<PlanSight> SeeAsync(Plan plan, CancellationToken cancellationToken)
    {
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var status = await new StatusReader(session, plan, vault).ReadAsync(plan.Assets, cancellationToken);
        return new PlanSight(plan, vault.Descriptor?.Id, vault.Store.Name, status);
    }

    /// <summary>A finding is told when it comes and when it goes, not every minute.</summary>
    private void TellChanges(PlanSight? before, VaultStatus now)
    {
        var old = before?.Findings ?? [];
        var present = PlanSight.FindingsOf(now);
        foreach (var (subject, code, what, isRisk) in present)
            if (!old.Any(each => each.Subject == subject && each.Code == code))
                log.Write(isRisk ? LogLevel.Warning : LogLevel.Note, Looking, $"{subject}: {what}", code);
        foreach (var (subject, code, _, _) in old)
            if (!present.Any(each => each.Subject == subject && each.Code == code))
                log.Write(LogLevel.Note, Looking, $"{subject}: {code} is over", code);
    }

    private async Task DoDutiesAsync(Plan plan, DateTimeOffset? changedAt, CancellationToken cancellationToken)
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        using var seat = DaemonSeat.Take(
            Path.Combine(session.StateDirectoryOf(plan), "serve"),
            vault.Host.Identity.Hostname,
            session.Entropy
        );
        DutyTerms terms = new()
        {
            Owner = seat.Owner,
            Lease = lease,
            IsDead = seat.IsDead,
        };
        DutyLoop loop = new(
            new DutyBook(LedgerAccess.OpenWriter(session, plan, vault), terms),
            new DutyWorker(session, plan, log, Kick),
            told => log.Write(LogLevel.Note, Dutiful, told)
        );
        DutyCalendar calendar = new(plan, changedAt);
        var period = lease / 5 < LongestDutyPeriod ? lease / 5 : LongestDutyPeriod;
        try
        {
            while (true)
            {
                await _ended.WaitAsync(period, cancellationToken);
                if (_sight is { } sight && sight.Plan == plan)
                    await TickAsync(loop, calendar, sight, vault.HasLedgerElsewhere, cancellationToken);
                Supervisor.Beat(Dutiful);
            }
        }
        finally
        {
            await StopAsync(loop);
        }
    }

    private async Task TickAsync(
        DutyLoop loop,
        DutyCalendar calendar,
        PlanSight sight,
        bool hasLedgerElsewhere,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var now = _time.GetUtcNow();
            var due = calendar.DueAt(sight.Status.Assets.Select(asset => asset.Facts), now);
            await loop.TickAsync(due, now, cancellationToken);
        }
        // With --from: begun anew it sees whether the primary is gone, and then goes on in the replica.
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry && !hasLedgerElsewhere)
        {
            log.Write(LogLevel.Warning, Dutiful, e.Problem.What, e.Problem.Code); // the next round goes on
        }
    }

    private async Task StopAsync(DutyLoop loop)
    {
        using CancellationTokenSource limit = new(StopLimit, _time);
        try
        {
            while (!await loop.StopAsync(_time.GetUtcNow(), limit.Token))
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, limit.Token);
        }
        catch (OperationCanceledException)
        {
            log.Write(
                LogLevel.Warning,
                Dutiful,
                $"work did not end within {StopLimit.TotalSeconds} s; others take it over when its claim has ended"
            );
        }
        catch (ResurgamException e)
        {
            log.Write(LogLevel.Warning, Dutiful, $"a claim could not be let go: {e.Problem.What}", e.Problem.Code);
        }
    }

    private async Task StreamAsync(Plan plan, Asset.Postgres asset, CancellationToken cancellationToken)
    {
        var name = $"wal {asset.Id}";
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        await using var stream = WalAccess.OpenStream(
            session,
            asset,
            WalAccess.SettingsOf(session, plan, asset),
            vault,
            told => log.Write(LogLevel.Note, name, told)
        );
        // When it is the plan that has changed, commits wait for the stream of the next one.
        var streaming = stream.RunAsync(_stop, handOver: cancellationToken);
        // A server that is away is waited for inside; a stream that cannot even begin has ended before the first beat.
        while (await Task.WhenAny(streaming, Task.Delay(BeatPeriod, _time, CancellationToken.None)) != streaming)
            Supervisor.Beat(name);
        await streaming;
    }

    private async Task WatchdogAsync(CancellationToken stop)
    {
        if (_systemd.WatchdogPeriod is not { } period)
            return;
        using PeriodicTimer timer = new(period, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                // A failure is told and waited out; only what hangs needs systemd.
                if (Supervisor.Workers.All(worker => !worker.HangsAt(_time.GetUtcNow())))
                    _systemd.Alive();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    /// <summary>A duty has ended: there is room for the next one, and something new to see.</summary>
    private void Kick()
    {
        Wake(_ended);
        Wake(_kick);
    }

    private static void Wake(SemaphoreSlim sleeper)
    {
        try
        {
            sleeper.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two duties ended at once: one round does for both.
        }
    }
}

/// <summary>What was seen of a plan's assets, and what follows from it.</summary>
internal sealed record PlanSight(Plan Plan, string? VaultId, string Store, VaultStatus Status)
{
    public IReadOnlyList<(string Subject, string Code, string What, bool IsRisk)> Findings => FindingsOf(Status);

    public static IReadOnlyList<(string Subject, string Code, string What, bool IsRisk)> FindingsOf(
        VaultStatus status
    ) =>
        [
            .. status.Findings.Select(finding => ("vault", finding.Code, finding.What, finding.IsRisk)),
            .. status.Assets.SelectMany(asset =>
                asset.Findings.Select(finding => (asset.Facts.Asset.Value, finding.Code, finding.What, finding.IsRisk))
            ),
            .. status.Readiness.Select(each =>
                (each.Subject, each.Finding.Code, each.Finding.What, each.Finding.IsRisk)
            ),
            .. status.Scenarios.SelectMany(each =>
                each.Findings.Select(finding =>
                    ($"scenario {each.Scenario.Name}", finding.Code, finding.What, finding.IsRisk)
                )
            ),
        ];
}
