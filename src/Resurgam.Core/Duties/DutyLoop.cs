using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Duties;

/// <summary>Does the work of a duty.</summary>
public interface IDutyWorker
{
    /// <summary>Begins and returns at once.</summary>
    IDutyWork Start(Duty duty);
}

/// <summary>Work that goes on.</summary>
public interface IDutyWork
{
    /// <returns>Null while it goes on. What was cancelled ends, too.</returns>
    DutyResult? Result { get; }

    /// <summary>Asks it to end soon.</summary>
    void Cancel();
}

/// <summary>A daemon's part in the duties of a vault: claims, starts, holds, finishes. Not thread-safe.</summary>
/// <param name="told">Sentences for the log.</param>
public sealed class DutyLoop(DutyBook book, IDutyWorker worker, Action<string> told)
{
    /// <summary>A duty of another is looked at again after this time: it may be released before its claim ends.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private readonly List<Running> _running = [];
    private readonly Dictionary<StreamName, (DateTimeOffset DueAt, DateTimeOffset NotBefore)> _resting = [];

    public IReadOnlyList<DutyClaim> Claims => [.. _running.Where(each => !each.IsLost).Select(each => each.Claim)];

    /// <summary>One round. What fails for the store's sake is tried again in the next.</summary>
    /// <param name="wanted">All that is due, done or not, as far as this daemon can see.</param>
    public async Task TickAsync(IReadOnlyList<Duty> wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var each in _running.ToList())
            await TendAsync(each, now, cancellationToken);
        foreach (var duty in wanted)
            if (HasRoom(duty.Lane) && !_running.Exists(each => each.Claim.Duty.Stream == duty.Stream))
                await BeginAsync(duty, now, cancellationToken);
    }

    private bool HasRoom(DutyLane lane) => _running.Count(each => each.Claim.Duty.Lane == lane) < MostAtOnce(lane);

    /// <summary>A machine has two hands and one network; a stream mostly waits.</summary>
    private static int MostAtOnce(DutyLane lane) =>
        lane switch
        {
            DutyLane.Backup => 2,
            DutyLane.Verification => 1,
            DutyLane.Copy or DutyLane.Scrub or DutyLane.Look or DutyLane.Drill => 1,
            DutyLane.Stream => int.MaxValue,
        };

    /// <summary>Cancels all work, and when it has ended lets go of it, so that another daemon need not wait.</summary>
    /// <returns>True when nothing is left.</returns>
    public async Task<bool> StopAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var each in _running.ToList())
        {
            each.Work.Cancel();
            if (each.Work.Result is null)
                continue;
            if (!each.IsLost)
                await book.TryReleaseAsync(each.Claim, now, cancellationToken);
            _running.Remove(each);
        }
        return _running.Count == 0;
    }

    private async Task BeginAsync(Duty duty, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_resting.TryGetValue(duty.Stream, out var rest) && rest.DueAt == duty.DueAt && now < rest.NotBefore)
            return;
        switch (await ClaimAsync(duty, now, cancellationToken))
        {
            case DutyAnswer.Ours(var claim):
                told($"{duty.Name}: begun{Late(duty, now)}{(claim.Attempt > 1 ? $", attempt {claim.Attempt}" : "")}");
                _running.Add(new Running(claim, worker.Start(duty)));
                break;
            case DutyAnswer.Settled:
                _resting[duty.Stream] = (duty.DueAt, DateTimeOffset.MaxValue);
                break;
            case DutyAnswer.Missed(var what):
                told($"{duty.Name}: {what}");
                _resting[duty.Stream] = (duty.DueAt, DateTimeOffset.MaxValue);
                break;
            case DutyAnswer.Later(var at):
                _resting[duty.Stream] = (duty.DueAt, at < now + LookAgain ? at : now + LookAgain);
                break;
            case var other:
                throw new System.Diagnostics.UnreachableException($"no way on is written for {other}");
        }
    }

    /// <summary>A stream of the ledger that is damaged holds up its own duty, and no other.</summary>
    private async Task<DutyAnswer> ClaimAsync(Duty duty, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return await book.TryClaimAsync(duty, now, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy != Remedy.Retry)
        {
            told($"{duty.Name}: cannot be claimed: {e.Problem.What}");
            return new DutyAnswer.Later(now + LookAgain);
        }
    }

    private static string Late(Duty duty, DateTimeOffset now) =>
        !duty.IsEndless && now - duty.DueAt > LookAgain ? $", {Duration.Rough(now - duty.DueAt)} after it was due" : "";

    private async Task TendAsync(Running each, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (each.IsLost)
        {
            if (each.Work.Result is not null)
                _running.Remove(each);
            return;
        }
        if (each.Work.Result is { } result)
        {
            var isOurs = await book.TryFinishAsync(each.Claim, result, now, cancellationToken);
            told($"{each.Claim.Duty.Name}: {(isOurs ? result.What : "done, but another had taken it over meanwhile")}");
            _running.Remove(each);
            return;
        }
        if (each.Claim.Until - now > book.Terms.Lease / 2)
            return;
        try
        {
            if (await book.TryHoldAsync(each.Claim, now, cancellationToken) is { } held)
                each.Claim = held;
            else
                Lose(each, "another has taken it over");
        }
        catch (ResurgamException e) when (now >= each.Claim.Until)
        {
            Lose(each, $"its claim has ended and cannot be renewed: {e.Problem.What}");
        }
    }

    private void Lose(Running each, string why)
    {
        told($"{each.Claim.Duty.Name}: broken off, {why}");
        each.IsLost = true;
        each.Work.Cancel();
    }

    private sealed class Running(DutyClaim claim, IDutyWork work)
    {
        public DutyClaim Claim { get; set; } = claim;

        public IDutyWork Work => work;

        public bool IsLost { get; set; }
    }
}
