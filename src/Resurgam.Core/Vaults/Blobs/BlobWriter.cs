using System.Buffers;
using System.Collections.Concurrent;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Blobs;

/// <summary>Stores each blob of a repository once: compressed, sealed, in packs, then in the index.</summary>
/// <remarks>
/// Order of writes: a pack is durable before an index names it; <see cref="FinishAsync"/> returns when every index is
/// durable. A cut anywhere leaves packs that nothing refers to.
/// </remarks>
public sealed class BlobWriter : IAsyncDisposable
{
    /// <summary>1.2 MB of JSON, whole in memory for whoever writes or reads it; stock restic's have 50,000.</summary>
    private const int MostBlobsPerIndex = 8_192;

    /// <summary>64 MB that the system holds for the store: a disk that is slower yet is waited for.</summary>
    private const int MostStaged = 8;

    private readonly Repository _repository;
    private readonly IEntropy _entropy;
    private readonly SemaphoreSlim _buffers;
    private readonly SemaphoreSlim _stages = new(MostStaged);
    private readonly ConcurrentBag<PackBuffer> _free = [];
    private readonly List<Task> _uploads = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _failed = new();
    private List<IndexedPack> _unindexed = [];
    private int _unindexedBlobs;

    /// <summary>For the text of the next index: megabytes, which would pile up. Null while it is used.</summary>
    private ArrayBufferWriter<byte>? _json;
    private Exception? _failure;
    private volatile bool _isShrunk;

    private long _bytesNew;
    private long _bytesStored;

    /// <param name="packs">In memory at once: at least as many as lanes are open at once, or they wait for each other.</param>
    public BlobWriter(Repository repository, IEntropy entropy, int packs)
    {
        _repository = repository;
        _entropy = entropy;
        _buffers = new SemaphoreSlim(packs);
    }

    /// <summary>Plain bytes of the blobs that were not there before.</summary>
    public long BytesNew => Interlocked.Read(ref _bytesNew);

    /// <summary>Bytes added to the store: packs and indexes.</summary>
    public long BytesStored => Interlocked.Read(ref _bytesStored);

    /// <summary>A lane fills one pack after the other with blobs of one type. Not thread-safe: one for each worker.</summary>
    public BlobLane OpenLane(BlobType type) => new(this, type, new BlobCodec(_repository.Key, _entropy));

    /// <summary>From here on one pack is enough: gives back the memory of the others, of those on their way when they have arrived.</summary>
    public void Shrink()
    {
        _isShrunk = true;
        while (_free.Count > 1 && _free.TryTake(out var buffer))
            buffer.Dispose();
    }

    /// <summary>Waits for all packs and writes the last index. Every lane must have been finished before.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await AllUploads();
        ThrowIfFailed();
        List<IndexedPack> rest;
        lock (_gate)
            (rest, _unindexed, _unindexedBlobs) = (_unindexed, [], 0);
        await WriteIndexAsync(rest, cancellationToken);
    }

    /// <summary>Of work that broke off, names the packs that are durable, so that the next attempt does not store them again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _failed.CancelAsync();
        await AllUploads();
        await TryFinishAsync();
        foreach (var buffer in _free)
            buffer.Dispose();
        _failed.Dispose();
        _buffers.Dispose();
        _stages.Dispose();
    }

    private async Task TryFinishAsync()
    {
        if (_failure is ResurgamException { Problem.Remedy: Remedy.Retry })
            return; // a store that is away would be waited for
        try
        {
            await WriteIndexAsync(_unindexed, CancellationToken.None);
        }
        catch (ResurgamException)
        {
            // Why the work broke off is told already; a full store may have no room for this either.
        }
    }

    internal bool TryClaim(BlobId id) => _repository.Index.TryClaim(id);

    internal void CountNew(int plainBytes) => Interlocked.Add(ref _bytesNew, plainBytes);

    internal async ValueTask<PackBuffer> RentAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        await _buffers.WaitAsync(cancellationToken);
        ThrowIfFailed();
        return _free.TryTake(out var buffer) ? buffer : new PackBuffer();
    }

    internal void Return(PackBuffer buffer)
    {
        buffer.Clear();
        if (_isShrunk && !_free.IsEmpty)
            buffer.Dispose();
        else
            _free.Add(buffer);
        _buffers.Release();
    }

    /// <summary>Takes a full pack over, and gives its buffer back to the pool when the store needs it no more.</summary>
    internal void Upload(PackBuffer buffer)
    {
        lock (_gate)
        {
            _uploads.RemoveAll(upload => upload.IsCompleted);
            _uploads.Add(UploadAsync(buffer));
        }
    }

    private Task AllUploads()
    {
        lock (_gate)
            return Task.WhenAll(_uploads);
    }

    private async Task UploadAsync(PackBuffer buffer)
    {
        await Task.Yield();
        Giving giving = new(this, buffer);
        try
        {
            var bytes = buffer.Finish(_repository.Key, _entropy);
            var pack = new IndexedPack(BlobId.Of(bytes.Span), [.. buffer.Entries]);
            await PutAsync(pack.Id, bytes, giving);
            Interlocked.Add(ref _bytesStored, bytes.Length);
            _repository.Index.Add(pack);
            await WriteFullIndexAsync(TakeFullIndex(pack));
        }
#pragma warning disable CA1031 // Kept and thrown to the lanes: nobody awaits this task before the end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            await _failed.CancelAsync();
        }
        finally
        {
            giving.Back();
        }
    }

    /// <summary>A store that can take the bytes over frees the buffer before they are durable.</summary>
    private async Task PutAsync(BlobId id, ReadOnlyMemory<byte> bytes, Giving buffer)
    {
        if (_repository.Store is not IStagingStore store)
        {
            await _repository.PutAsync(FileKind.Pack, id, bytes, _failed.Token);
            return;
        }
        await _stages.WaitAsync(_failed.Token);
        try
        {
            var durable = await store.StageAsync(_repository.KeyOf(FileKind.Pack, id), bytes, _failed.Token);
            buffer.Back();
            await durable;
        }
        finally
        {
            _stages.Release();
        }
    }

    private List<IndexedPack> TakeFullIndex(IndexedPack pack)
    {
        lock (_gate)
        {
            _unindexed.Add(pack);
            _unindexedBlobs += pack.Entries.Count;
            if (_unindexedBlobs < MostBlobsPerIndex)
                return [];
            var full = _unindexed;
            (_unindexed, _unindexedBlobs) = ([], 0);
            return full;
        }
    }

    private async Task WriteFullIndexAsync(List<IndexedPack> packs)
    {
        try
        {
            await WriteIndexAsync(packs, _failed.Token);
        }
        catch
        {
            lock (_gate)
                _unindexed.AddRange(packs);
            throw;
        }
    }

    private async Task WriteIndexAsync(List<IndexedPack> packs, CancellationToken cancellationToken)
    {
        if (packs.Count == 0)
            return;
        var json = Interlocked.Exchange(ref _json, null) ?? new ArrayBufferWriter<byte>();
        IndexDocument.Write(packs, json);
        var (_, length) = await _repository.PutJsonAsync(FileKind.Index, json.WrittenMemory, cancellationToken);
        Interlocked.Add(ref _bytesStored, length);
        json.ResetWrittenCount();
        _json = json;
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Gives a buffer back once.</summary>
    private sealed class Giving(BlobWriter writer, PackBuffer buffer)
    {
        private bool _isBack;

        public void Back()
        {
            if (_isBack)
                return;
            _isBack = true;
            writer.Return(buffer);
        }
    }
}
