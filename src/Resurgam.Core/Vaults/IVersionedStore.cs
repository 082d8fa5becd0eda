namespace Resurgam.Core.Vaults;

/// <summary>A store that may keep what was deleted or replaced, as versions, until those are deleted themselves.</summary>
public interface IVersionedStore
{
    /// <summary>Everything that was ever below the prefix and is still kept, what is current and marks of deletion among it: by key, of each the newest first; nothing when the store keeps no versions.</summary>
    IAsyncEnumerable<StoreVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes it for good; one that is absent is no error.</summary>
    /// <exception cref="Problems.ResurgamException">It is under lock, or the credentials may not.</exception>
    Task DeleteVersionAsync(StoreVersion version, CancellationToken cancellationToken);

    /// <returns>Its bytes; null when it is gone, or a mark.</returns>
    Task<byte[]?> FindVersionAsync(StoreVersion version, CancellationToken cancellationToken);

    /// <returns>Until when a lock keeps it from being deleted; null when there is none, or nobody says.</returns>
    Task<DateTimeOffset?> FindLockedUntilAsync(StoreVersion version, CancellationToken cancellationToken);
}

/// <param name="Id">The store's own name for it.</param>
/// <param name="IsMark">It is no content: it says that the object was deleted, and hides what was there before.</param>
public sealed record StoreVersion(string Key, string Id, bool IsMark = false);
