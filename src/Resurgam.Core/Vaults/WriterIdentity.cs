using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Core.Vaults;

/// <summary>Who writes: shown in snapshots and locks, as restic shows it.</summary>
/// <param name="IsAlive">Tells whether a process of this host still runs.</param>
public sealed record WriterIdentity(
    string Hostname,
    string Username,
    uint UserId,
    uint GroupId,
    int ProcessId,
    Func<int, bool> IsAlive
);

/// <summary>What a vault needs from the machine it is used on.</summary>
/// <param name="Workers">How many threads compute at once.</param>
public sealed record VaultHost(
    IEntropy Entropy,
    TimeProvider Time,
    IScratch Scratch,
    WriterIdentity Identity,
    int Workers
)
{
    /// <summary>What a guess at the vault's secret costs: about 0.1 s and 32 MiB.</summary>
    public ScryptCost KeyCost { get; init; } = new(32768, 8, 1);

    /// <summary>What guesses have given before, in this process.</summary>
    public DerivedKeys Derived { get; init; } = new();

    /// <summary>Told of damage that is passed over, because what was asked for does not need the damaged object.</summary>
    public Action<Problem> Damaged { get; init; } = static _ => { };
}
