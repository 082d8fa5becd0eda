using System.Runtime.CompilerServices;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>The model of a store: a sorted dictionary behind a lock.</summary>
public sealed class MemoryStore(TimeProvider? time = null) : IStore
{
    private readonly SortedDictionary<string, StoredBytes> _objects = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public string Name => "memory:";

    /// <summary>A copy of everything that is there, for comparing and for starting again from it.</summary>
    public SortedDictionary<string, byte[]> Objects
    {
        get
        {
            lock (_lock)
                return new(
                    _objects.ToDictionary(o => o.Key, o => o.Value.Bytes.ToArray(), StringComparer.Ordinal),
                    StringComparer.Ordinal
                );
        }
    }

    /// <summary>What no store does by itself: puts these bytes there, whatever was there before. For damage in tests.</summary>
    public void Overwrite(string key, byte[] bytes)
    {
        lock (_lock)
            _objects[key] = new StoredBytes([.. bytes], _time.GetUtcNow());
    }

    /// <summary>Loses an object, as no store should.</summary>
    public void Remove(string key)
    {
        lock (_lock)
            _objects.Remove(key);
    }

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoreKey.Check(key);
        lock (_lock)
            return Task.FromResult(_objects.TryAdd(key, new StoredBytes(bytes.ToArray(), _time.GetUtcNow())));
    }

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoreKey.Check(key);
        lock (_lock)
            return Task.FromResult(_objects.TryGetValue(key, out var found) ? found.Bytes.ToArray() : null);
    }

    public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        StoreKey.Check(key);
        lock (_lock)
        {
            if (!_objects.TryGetValue(key, out var found))
                return ValueTask.FromResult(-1);
            var rest = found.Bytes.AsSpan((int)Math.Min(offset, found.Bytes.Length));
            var count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer.Span);
            return ValueTask.FromResult(count);
        }
    }

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoreKey.Check(key);
        lock (_lock)
            return Task.FromResult(_objects.TryGetValue(key, out var found) ? found.Describe(key) : null);
    }

    public async IAsyncEnumerable<StoreObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        StoreObject[] found;
        lock (_lock)
            found =
            [
                .. _objects
                    .Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(o => o.Value.Describe(o.Key)),
            ];
        foreach (var item in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
        await Task.CompletedTask;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoreKey.Check(key);
        lock (_lock)
            _objects.Remove(key);
        return Task.CompletedTask;
    }

    private sealed record StoredBytes(byte[] Bytes, DateTimeOffset WrittenAt)
    {
        public StoreObject Describe(string key) => new(key, Bytes.Length, WrittenAt);
    }
}
