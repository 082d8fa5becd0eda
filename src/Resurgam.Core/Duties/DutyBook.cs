using System.Globalization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;

namespace Resurgam.Core.Duties;

/// <summary>Claims duties in the ledger: of any number of daemons on one vault, one gets each.</summary>
/// <remarks>
/// A claim is an entry right behind the last one of the duty's stream, and the store lets one such entry be. It holds for
/// <see cref="DutyTerms.Lease"/>; whoever is dead, or asleep, for longer loses it to the next who looks. Who wakes up finds its place
/// behind its own entry taken, and stops. Clocks may differ by <see cref="DutyTerms.Margin"/>.
/// </remarks>
public sealed class DutyBook(LedgerWriter writer, DutyTerms terms)
{
    /// <summary>What broke is tried so often, each time after three times as long.</summary>
    public const int MostAttempts = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    /// <summary>An endless one that broke is not given up: nobody does it in the meantime.</summary>
    private static readonly TimeSpan EndlessPause = TimeSpan.FromMinutes(1);

    public DutyTerms Terms => terms;

    /// <returns>The claim, or why there is none.</returns>
    /// <exception cref="Problems.ResurgamException">The store's and the ledger's own; it may be claimed all the same, and the next look tells.</exception>
    public async Task<DutyAnswer> TryClaimAsync(Duty duty, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var state = await DutyState.ReadAsync(writer.Ledger, duty.Stream, cancellationToken);
        if (!duty.IsEndless && state.IsSettled && state.DueAt >= duty.DueAt)
            return new DutyAnswer.Settled();
        if (state.IsClaimed && state.Owner == terms.Owner && state.DueAt == duty.DueAt && now < state.Until)
            return new DutyAnswer.Ours(new DutyClaim(duty, state.Head, state.Until, state.Attempt)); // we were not told so
        if (state.IsClaimed && !IsOrphan(state, duty) && now < state.Until + terms.Margin)
            return new DutyAnswer.Later(state.Until + terms.Margin);
        var isAgain = state.DueAt == duty.DueAt;
        if (isAgain && state.Kind == DutyEntry.Broken && now < state.Until)
            return new DutyAnswer.Later(state.Until);
        // What daemons did not know of before its time nobody expects. What somebody had begun is claimed, however late: it may have to be undone.
        if (duty.Patience is not null && state.Kind.Length == 0)
            return await SettleAsync(state, duty, DutyEntry.Known, now, cancellationToken);
        if (duty.IsMissedAt(now) && !state.IsClaimed)
            return await SettleAsync(state, duty, DutyEntry.Missed, now, cancellationToken);
        var attempt =
            !isAgain || duty.IsEndless ? 1
            : state.Kind == DutyEntry.Released ? Math.Max(1, state.Attempt)
            : state.Attempt + 1;
        var until = now + terms.Lease;
        var entry = await writer.TryAppendAfterAsync(
            state.Head,
            Fact(DutyEntry.Claimed, duty, until, attempt, result: null),
            cancellationToken
        );
        return entry is null
            ? new DutyAnswer.Later(now)
            : new DutyAnswer.Ours(new DutyClaim(duty, entry.Head, until, attempt));
    }

    /// <returns>The claim as it holds now; null when it was lost to another.</returns>
    public async Task<DutyClaim?> TryHoldAsync(DutyClaim claim, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = now + terms.Lease;
        var fact = Fact(DutyEntry.Held, claim.Duty, until, claim.Attempt, result: null);
        return await AppendAsync(claim, fact, cancellationToken) is { } head
            ? claim with
            {
                Head = head,
                Until = until,
            }
            : null;
    }

    /// <returns>False when the claim was lost to another before.</returns>
    public async Task<bool> TryFinishAsync(
        DutyClaim claim,
        DutyResult result,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var isBroken = claim.Duty.IsEndless || (result.IsBroken && claim.Attempt < MostAttempts);
        var pause = claim.Duty.IsEndless ? EndlessPause : FirstPause * Math.Pow(3, claim.Attempt - 1);
        var fact = Fact(
            isBroken ? DutyEntry.Broken
                : result.IsMissed ? DutyEntry.Missed
                : DutyEntry.Done,
            claim.Duty,
            isBroken ? now + pause : now,
            claim.Attempt,
            result
        );
        return await AppendAsync(claim, fact, cancellationToken) is not null;
    }

    /// <summary>In words: what is not made up for.</summary>
    public static string MissedBy(Duty duty) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"missed: it was due at {duty.DueAt.UtcDateTime:yyyy-MM-dd HH:mm}Z, was not begun within {Duration.Rough(duty.Patience ?? default)}, and waits for its next time"
        );

    /// <summary>Lets go of it undone.</summary>
    public async Task<bool> TryReleaseAsync(DutyClaim claim, DateTimeOffset now, CancellationToken cancellationToken) =>
        await AppendAsync(
            claim,
            Fact(DutyEntry.Released, claim.Duty, now, claim.Attempt, result: null),
            cancellationToken
        )
            is not null;

    /// <summary>Writes that nobody does it, and why.</summary>
    private async Task<DutyAnswer> SettleAsync(
        DutyState state,
        Duty duty,
        string kind,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        DutyResult? result = kind == DutyEntry.Missed ? new(IsBroken: false, Passed: false, MissedBy(duty)) : null;
        var fact = Fact(kind, duty, now, attempt: 0, result);
        if (await writer.TryAppendAfterAsync(state.Head, fact, cancellationToken) is null)
            return new DutyAnswer.Later(now);
        return result is null ? new DutyAnswer.Settled() : new DutyAnswer.Missed(result.What);
    }

    /// <summary>Its owner is dead, and it is not sure that the duty killed it: then the next one waits.</summary>
    private bool IsOrphan(DutyState state, Duty duty) =>
        terms.IsDead(state.Owner) && (duty.IsEndless || state.Attempt <= 1);

    /// <summary>Behind the claim's own last entry; one that was written unheard before is found again.</summary>
    private async Task<LedgerHead?> AppendAsync(DutyClaim claim, LedgerFact fact, CancellationToken cancellationToken)
    {
        if (await writer.TryAppendAfterAsync(claim.Head, fact, cancellationToken) is { } entry)
            return entry.Head;
        var next = await writer.Ledger.FindAsync(claim.Duty.Stream, claim.Head.Seq + 1, cancellationToken);
        if (
            next is null
            || DutyState.Of(next) is not { } state
            || state.Owner != terms.Owner
            || state.DueAt != claim.Duty.DueAt
        )
            return null;
        // Ours, and we were not told so: what was to be said comes behind it, unless it says that already.
        return next.Kind == fact.Kind && next.Kind != DutyEntry.Held
            ? next.Head
            : await AppendAsync(claim with { Head = next.Head }, fact, cancellationToken);
    }

    private LedgerFact Fact(string kind, Duty duty, DateTimeOffset until, int attempt, DutyResult? result) =>
        LedgerFact.Of(
            kind,
            json =>
            {
                json.WriteString("duty", duty.Name);
                if (!duty.IsEndless)
                    json.WriteString("dueAt", duty.DueAt.UtcDateTime);
                json.WriteString("owner", terms.Owner);
                json.WriteString("until", until.UtcDateTime);
                json.WriteNumber("attempt", attempt);
                if (result is null)
                    return;
                json.WriteBoolean("passed", result.Passed);
                json.WriteString("what", result.What);
            }
        );
}

/// <param name="Head">Our last entry.</param>
/// <param name="Until">From then on it may be another's.</param>
public sealed record DutyClaim(Duty Duty, LedgerHead Head, DateTimeOffset Until, int Attempt);

/// <summary>What came of a claim. Closed.</summary>
public abstract record DutyAnswer
{
    private DutyAnswer() { }

    public sealed record Ours(DutyClaim Claim) : DutyAnswer;

    /// <summary>It is done, or something that fell due later is.</summary>
    public sealed record Settled : DutyAnswer;

    /// <summary>It is too late for it, and now the ledger says so.</summary>
    public sealed record Missed(string What) : DutyAnswer;

    /// <summary>Another has it, or it has to wait.</summary>
    public sealed record Later(DateTimeOffset At) : DutyAnswer;
}
