namespace Resurgam.Core.Vaults;

/// <summary>A store that may send an object in several parts, and lets its caller say when each one goes.</summary>
public interface IPacedStore
{
    /// <summary>As <see cref="IStore.PutAsync"/>.</summary>
    /// <param name="turn">Waited for before so many bytes of the object go up.</param>
    Task<bool> PutAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        Func<int, CancellationToken, Task> turn,
        CancellationToken cancellationToken
    );
}
