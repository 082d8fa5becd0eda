namespace Resurgam.Core.Vaults.Expiry;

/// <summary>Whether this machine's clock may decide what is old: it is held against what the vault saw last.</summary>
public static class ExpiryClock
{
    /// <summary>Clocks of machines that write to one vault differ, by minutes at worst.</summary>
    public static readonly TimeSpan MostBehind = TimeSpan.FromHours(1);

    /// <summary>A vault in use gets something every day. After a week without, a clock that leapt ahead cannot be told from a silent failure.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromDays(7);

    /// <param name="newest">The newest moment that the ledger or a snapshot names; null when there is none.</param>
    /// <exception cref="Problems.ResurgamException"><c>expire-clock-refused</c></exception>
    public static void Require(DateTimeOffset now, DateTimeOffset? newest)
    {
        if (newest is null || now - newest > MostAhead)
            throw ExpiryProblems.ClockAhead(now, newest);
        if (newest - now > MostBehind)
            throw ExpiryProblems.ClockBehind(now, newest.Value);
    }
}
