using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>A store that keeps what is deleted, as a bucket with versions does, under lock until <see cref="LockedUntil"/>.</summary>
public sealed class KeepingStore(MemoryStore inner) : PassingStore(inner), IVersionedStore
{
    private readonly List<(StoreVersion Version, byte[] Bytes)> _kept = [];
    private int _number;

    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>False: the credentials may not look at versions.</summary>
    public bool ShowsVersions { get; set; } = true;

    /// <summary>What is kept of deleted objects, marks left out.</summary>
    public IReadOnlyList<string> Kept =>
        [.. _kept.Where(kept => !kept.Version.IsMark).Select(kept => kept.Version.Key)];

    public override async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (await inner.FindAsync(key, cancellationToken) is not { } bytes)
            return;
        _kept.Add((new StoreVersion(key, $"{++_number}", IsMark: true), []));
        _kept.Add((new StoreVersion(key, $"{++_number}"), bytes));
        await inner.DeleteAsync(key, cancellationToken);
    }

    public IAsyncEnumerable<StoreVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) =>
        ShowsVersions
            ? _kept
                .Select(kept => kept.Version)
                .Where(version => version.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToList()
                .ToAsyncEnumerable()
            : throw new ResurgamException(
                new Problem("s3-denied", Remedy.Fix, "the credentials may not list versions", "Let them.")
            );

    /// <summary>Without the mark that hides it the newest version is the object again.</summary>
    public async Task DeleteVersionAsync(StoreVersion version, CancellationToken cancellationToken)
    {
        if (LockedUntil is not null && !version.IsMark)
            throw new ResurgamException(new Problem("store-refused", Remedy.Fix, "it is under lock", "Wait."));
        _kept.RemoveAll(kept => kept.Version == version);
        if (version.IsMark && _kept.Find(kept => kept.Version.Key == version.Key) is { Bytes: { } bytes })
            await inner.PutAsync(version.Key, bytes, cancellationToken);
    }

    public Task<byte[]?> FindVersionAsync(StoreVersion version, CancellationToken cancellationToken) =>
        Task.FromResult(version.IsMark ? null : _kept.Find(kept => kept.Version == version).Bytes);

    public Task<DateTimeOffset?> FindLockedUntilAsync(StoreVersion version, CancellationToken cancellationToken) =>
        Task.FromResult(LockedUntil);
}
