using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>A store that keeps what is deleted or written over, as a bucket with versions does, under lock until <see cref="LockedUntil"/>.</summary>
public sealed class KeepingStore(MemoryStore inner) : PassingStore(inner), IVersionedStore
{
    /// <summary>All but what is current, the newest first.</summary>
    private readonly List<(StoreVersion Version, byte[] Bytes)> _kept = [];
    private readonly Dictionary<string, StoreVersion> _current = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _number;

    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>False: the credentials may not look at versions.</summary>
    public bool ShowsVersions { get; set; } = true;

    /// <summary>Versions that the credentials may not read, by number among those of their key, the newest 0.</summary>
    public int? UnreadableAt { get; set; }

    /// <summary>Nothing can be written: the process was killed there, or the store is gone.</summary>
    public bool LosesPuts { get; set; }

    /// <summary>What is kept of deleted objects, marks left out.</summary>
    public IReadOnlyList<string> Kept =>
        [.. _kept.Where(kept => !kept.Version.IsMark).Select(kept => kept.Version.Key)];

    /// <summary>As who has the credentials can: what was there is a version from now on.</summary>
    public void WriteOver(string key, byte[] bytes)
    {
        lock (_gate)
        {
            Keep(key);
            inner.Overwrite(key, bytes);
        }
    }

    public override Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        LosesPuts ? throw FaultyStore.Failure($"put {key}") : base.PutAsync(key, bytes, cancellationToken);

    public override Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
            if (Keep(key))
                _kept.Insert(0, (new StoreVersion(key, $"{++_number}", IsMark: true), []));
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<StoreVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) =>
        ShowsVersions
            ? Versions(prefix).ToAsyncEnumerable()
            : throw new ResurgamException(
                new Problem("s3-denied", Remedy.Fix, "the credentials may not list versions", "Let them.")
            );

    /// <summary>Without what hides it the newest version is the object again.</summary>
    public Task DeleteVersionAsync(StoreVersion version, CancellationToken cancellationToken)
    {
        if (LockedUntil is not null && !version.IsMark)
            throw new ResurgamException(new Problem("store-refused", Remedy.Fix, "it is under lock", "Wait."));
        lock (_gate)
        {
            if (_current.GetValueOrDefault(version.Key) == version)
            {
                inner.Remove(version.Key);
                _current.Remove(version.Key);
            }
            _kept.RemoveAll(kept => kept.Version == version);
            var next = _kept.FindIndex(kept => kept.Version.Key == version.Key);
            if (next < 0 || _kept[next].Version.IsMark || inner.Objects.ContainsKey(version.Key))
                return Task.CompletedTask;
            inner.Overwrite(version.Key, _kept[next].Bytes);
            _current[version.Key] = _kept[next].Version;
            _kept.RemoveAt(next);
        }
        return Task.CompletedTask;
    }

    public Task<byte[]?> FindVersionAsync(StoreVersion version, CancellationToken cancellationToken)
    {
        if (UnreadableAt is { } at && Versions(version.Key)[at] == version)
            throw new ResurgamException(new Problem("s3-denied", Remedy.Fix, "it may not be read", "Let them."));
        lock (_gate)
            return Task.FromResult(
                version.IsMark ? null
                : _current.GetValueOrDefault(version.Key) == version ? inner.Objects.GetValueOrDefault(version.Key)
                : _kept.Find(kept => kept.Version == version).Bytes
            );
    }

    public Task<DateTimeOffset?> FindLockedUntilAsync(StoreVersion version, CancellationToken cancellationToken) =>
        Task.FromResult(LockedUntil);

    private List<StoreVersion> Versions(string prefix)
    {
        lock (_gate)
            return
            [
                .. inner
                    .Objects.Keys.Select(CurrentOf)
                    .Concat(_kept.Select(kept => kept.Version))
                    .Where(version => version.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .OrderBy(version => version.Key, StringComparer.Ordinal),
            ];
    }

    private StoreVersion CurrentOf(string key)
    {
        if (!_current.TryGetValue(key, out var version))
            _current[key] = version = new StoreVersion(key, $"{++_number}");
        return version;
    }

    private bool Keep(string key)
    {
        if (inner.Objects.GetValueOrDefault(key) is not { } bytes)
            return false;
        _kept.Insert(0, (CurrentOf(key), bytes));
        _current.Remove(key);
        inner.Remove(key);
        return true;
    }
}
