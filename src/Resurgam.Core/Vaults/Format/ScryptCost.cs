using System.Numerics;

namespace Resurgam.Core.Vaults.Format;

/// <summary>How much work it is to try one password.</summary>
/// <param name="N">A power of two; memory is <c>128 * N * R</c> bytes.</param>
/// <param name="R">Block size.</param>
/// <param name="P">How often the work is repeated.</param>
public readonly record struct ScryptCost(int N, int R, int P)
{
    /// <summary>What stock restic arrives at on a common machine: 32 MiB and some tenths of a second.</summary>
    public static readonly ScryptCost Default = new(32768, 8, 5);

    /// <summary>Stock restic stays under 60 MB.</summary>
    internal const long MostMemoryBytes = 512 << 20;

    /// <summary>The largest <c>N * R * P</c>: some seconds, and fifty times <see cref="Default"/>.</summary>
    internal const long MostWork = 1 << 26;

    /// <summary>Whether it is scrypt at all, and not one that would take the machine down.</summary>
    internal bool IsBearable =>
        N > 1 && BitOperations.IsPow2(N) && R > 0 && P > 0 && N <= MostMemoryBytes / 128 / R && P <= MostWork / N / R;
}
