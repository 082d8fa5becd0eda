namespace Resurgam.Core.Vaults.Format;

/// <summary>How much work it is to try one password.</summary>
/// <param name="N">A power of two; memory is <c>128 * N * R</c> bytes.</param>
/// <param name="R">Block size.</param>
/// <param name="P">How often the work is repeated.</param>
public readonly record struct ScryptCost(int N, int R, int P);
