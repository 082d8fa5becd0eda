using Resurgam.Core.Problems;

namespace Resurgam.Core.Wal;

/// <summary>WAL that no recovery crosses, with more of it behind: a hole in the store, or a damaged object.</summary>
/// <param name="Range">From the first position that cannot be had on.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record MissingWal(WalRange Range, Problem Problem)
{
    /// <summary>Server time of the newest commit before it; null when that is not known.</summary>
    public DateTimeOffset? LastCommitAt { get; init; }
}
