namespace Resurgam.Core.Vaults;

/// <summary>A store that was asked for more than every store does: locks, a class of storage, encryption by its server.</summary>
public interface IPromisingStore
{
    /// <summary>Looks whether the store keeps to it, with an object that was just put.</summary>
    /// <returns>What it does not keep, in words; null when it keeps all.</returns>
    Task<string?> FindBrokenPromiseAsync(string key, CancellationToken cancellationToken);
}
