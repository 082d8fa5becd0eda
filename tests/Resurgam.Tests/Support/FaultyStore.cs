using System.Runtime.CompilerServices;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>How a call to a store goes wrong.</summary>
public enum StoreFault
{
    /// <summary>All is well.</summary>
    None,

    /// <summary>The call throws and nothing was done.</summary>
    Lost,

    /// <summary>The work is done, and the caller is told that it failed.</summary>
    Unheard,
}

/// <summary>A store whose calls fail as told. Calls are counted from 1, whatever their kind; a listing is one call.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="faultOfCall">Decides what happens to the n-th call; it is also told the call, e.g. <c>put keys/0a</c>.</param>
public sealed class FaultyStore(IStore inner, Func<int, string, StoreFault> faultOfCall) : IStore
{
    private readonly List<string> _calls = [];
    private readonly Lock _lock = new();

    /// <summary>Only the n-th call fails; 0 for none, which counts how many calls there are.</summary>
    public static FaultyStore FailingAt(IStore inner, int call, StoreFault fault) =>
        new(inner, (n, _) => n == call ? fault : StoreFault.None);

    /// <summary>From the n-th call on all fail: the process was killed there, or the store is gone.</summary>
    public static FaultyStore FailingFrom(IStore inner, int call, StoreFault firstFault) =>
        new(
            inner,
            (n, _) =>
                n < call ? StoreFault.None
                : n == call ? firstFault
                : StoreFault.Lost
        );

    public string Name => inner.Name;

    /// <summary>Number of calls so far, the failed ones too.</summary>
    public int CallCount
    {
        get
        {
            lock (_lock)
                return _calls.Count;
        }
    }

    /// <summary>Every call so far: <c>put KEY</c>, <c>find KEY</c>, <c>read KEY</c>, <c>head KEY</c>, <c>list PREFIX</c>, <c>delete KEY</c>.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        RunAsync($"put {key}", () => inner.PutAsync(key, bytes, cancellationToken));

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        RunAsync($"find {key}", () => inner.FindAsync(key, cancellationToken));

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    ) => await RunAsync($"read {key}", () => inner.ReadAsync(key, offset, buffer, cancellationToken).AsTask());

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        RunAsync($"head {key}", () => inner.HeadAsync(key, cancellationToken));

    public async IAsyncEnumerable<StoreObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var call = $"list {prefix}";
        var fault = Count(call);
        if (fault == StoreFault.Lost)
            throw Failure(call);
        await foreach (var item in inner.ListAsync(prefix, cancellationToken))
            yield return item;
        if (fault == StoreFault.Unheard)
            throw Failure(call);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        RunAsync(
            $"delete {key}",
            async () =>
            {
                await inner.DeleteAsync(key, cancellationToken);
                return true;
            }
        );

    /// <summary>The problem that a fault throws.</summary>
    public static ResurgamException Failure(string call) =>
        new(
            new Problem(
                "store-unreachable",
                Remedy.Retry,
                What: $"the store failed at '{call}'",
                Hint: "A test asked for this."
            )
        );

    private async Task<T> RunAsync<T>(string call, Func<Task<T>> work)
    {
        var fault = Count(call);
        if (fault == StoreFault.Lost)
            throw Failure(call);
        var result = await work();
        return fault == StoreFault.Unheard ? throw Failure(call) : result;
    }

    private StoreFault Count(string call)
    {
        lock (_lock)
        {
            _calls.Add(call);
            return faultOfCall(_calls.Count, call);
        }
    }
}

/// <summary>The same as a store that takes bytes over first, and may fail afterwards.</summary>
public sealed class StagingStore(IStore inner) : PassingStore(inner), IStagingStore
{
    public Task<Task<bool>> StageAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        Task.FromResult(PutAsync(key, bytes.ToArray(), cancellationToken));
}
