using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Format;

/// <summary>How much work it is to try one password.</summary>
/// <param name="N">A power of two; memory is <c>128 * N * R</c> bytes.</param>
/// <param name="R">Block size.</param>
/// <param name="P">How often the work is repeated.</param>
public readonly record struct ScryptCost(int N, int R, int P)
{
    /// <summary>What stock restic arrives at on a common machine: 32 MiB and some tenths of a second.</summary>
    public static readonly ScryptCost Default = new(32768, 8, 5);

    /// <exception cref="Problems.ResurgamException">It is not scrypt, or it would take the machine down.</exception>
    internal void Check() => Scrypt.CheckCost(N, R, P);
}
