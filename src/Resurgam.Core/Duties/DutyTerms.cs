namespace Resurgam.Core.Duties;

/// <summary>By which rules a daemon claims.</summary>
public sealed record DutyTerms
{
    public static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(10);

    /// <summary>Of this run of this daemon, and no other.</summary>
    public required string Owner { get; init; }

    /// <summary>How long a claim holds when nothing more is heard of its owner.</summary>
    public TimeSpan Lease { get; init; } = DefaultLease;

    /// <summary>By so much clocks may differ.</summary>
    public TimeSpan Margin => Lease / 5;

    /// <summary>Whether an owner is known to have ended: the run before this one, on this machine. Its claims need not be waited for.</summary>
    public Func<string, bool> IsDead { get; init; } = _ => false;
}
