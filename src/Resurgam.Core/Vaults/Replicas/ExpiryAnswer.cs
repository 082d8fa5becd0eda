using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>What the ledgers of a vault's places say about expired generations.</summary>
/// <param name="Expired">Generations that at least one of them calls expired.</param>
/// <param name="Unread">Ledgers that could not be read: a generation that is not in <paramref name="Expired"/> may be expired all the same.</param>
public sealed record ExpiryAnswer(IReadOnlySet<string> Expired, IReadOnlyList<UnreadLedger> Unread)
{
    public bool IsWhole => Unread.Count == 0;

    /// <summary>Asks one ledger. One that is damaged says nothing, not even what was read before the damage.</summary>
    /// <param name="ledger">Of a vault that is open.</param>
    /// <param name="place">Name of its store.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ResurgamException">The store's own, when a retry may help.</exception>
    public static async Task<ExpiryAnswer> AskAsync(Ledger ledger, string place, CancellationToken cancellationToken)
    {
        try
        {
            return new ExpiryAnswer(await ExpiredGenerations.ReadAsync(ledger, cancellationToken), []);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return new ExpiryAnswer(new HashSet<string>(), [new UnreadLedger(place, e.Problem.What)]);
        }
    }

    public ExpiryAnswer And(ExpiryAnswer other) =>
        new(Expired.Union(other.Expired).ToHashSet(StringComparer.Ordinal), [.. Unread, .. other.Unread]);

    public ExpiryAnswer AndUnread(UnreadLedger ledger) => this with { Unread = [.. Unread, ledger] };
}

/// <param name="Place">Name of its store.</param>
/// <param name="How">What is wrong with it, in words.</param>
public sealed record UnreadLedger(string Place, string How);
