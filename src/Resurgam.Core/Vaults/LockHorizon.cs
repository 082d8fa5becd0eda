using System.Globalization;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Core.Vaults;

/// <summary>Until when a store that can is to keep an object from being deleted or replaced.</summary>
public static class LockHorizon
{
    /// <summary>Shows that a store keeps locks, and is in nobody's way for long.</summary>
    private static readonly TimeSpan ProbeLock = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What is in a generation stays until the generation as a whole may go: <paramref name="lockFor"/> after the end of its month.
    /// What is beside them stays so long from now.
    /// </summary>
    /// <returns>Null for what lives for one process only.</returns>
    public static DateTimeOffset? Of(string key, DateTimeOffset now, TimeSpan lockFor)
    {
        if (key.StartsWith("probe-", StringComparison.Ordinal))
            return now + ProbeLock;
        if (VaultObject.IsPassing(key))
            return null;
        var isMonth = DateTimeOffset.TryParseExact(
            VaultObject.GenerationOf(key),
            "yyyy-MM",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var month
        );
        var end = isMonth ? month.AddMonths(1) : now;
        return (end > now ? end : now) + lockFor;
    }
}
