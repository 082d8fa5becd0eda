namespace Resurgam.Core.Vaults.Expiry;

/// <summary>What a run of <see cref="VaultExpiry"/> found and did.</summary>
/// <param name="Verdicts">One for each generation that was there, oldest first.</param>
/// <param name="Unfinished">Generations whose expiry an earlier run told the ledger of, and of which something is left.</param>
/// <param name="Outcomes">Of these and of all that went now; empty for a dry run.</param>
public sealed record ExpiryResult(
    IReadOnlyList<ExpiryVerdict> Verdicts,
    IReadOnlyList<string> Unfinished,
    IReadOnlyList<ExpiryOutcome> Outcomes
);
