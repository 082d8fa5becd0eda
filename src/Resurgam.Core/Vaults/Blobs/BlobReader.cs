using System.Collections.Concurrent;
using Resurgam.Core.Vaults.Repositories;

namespace Resurgam.Core.Vaults.Blobs;

/// <summary>Reads single blobs. Thread-safe.</summary>
public sealed class BlobReader(Repository repository, IEntropy entropy) : IDisposable
{
    private readonly ConcurrentBag<BlobCodec> _codecs = [];

    /// <exception cref="Problems.ResurgamException">The blob is in no pack, or its pack is absent or damaged.</exception>
    public async Task<byte[]> ReadAsync(BlobId id, CancellationToken cancellationToken)
    {
        var location = repository.Index.Find(id) ?? throw VaultProblems.BlobMissing(repository.Name, id);
        var pack = repository.KeyOf(FileKind.Pack, repository.Index.PackAt(location.Pack));
        var sealedBytes = new byte[location.Length];
        var read = await repository.Store.ReadAsync(pack, location.Offset, sealedBytes, cancellationToken);
        if (read < 0)
            throw VaultProblems.Missing(pack);
        if (read < sealedBytes.Length)
            throw VaultProblems.Damaged(pack, $"it ends inside blob {id.Hex}");

        var codec = Rent();
        var plain = new byte[location.ContentLength];
        var wrong = codec.Open(sealedBytes, location.PlainLength, id, plain);
        _codecs.Add(codec);
        return wrong is null ? plain : throw VaultProblems.Damaged(pack, $"blob {id.Hex}: {wrong}");
    }

    /// <summary>A codec for a worker of its own; <see cref="Return"/> it.</summary>
    internal BlobCodec Rent() => _codecs.TryTake(out var codec) ? codec : new BlobCodec(repository.Key, entropy);

    internal void Return(BlobCodec codec) => _codecs.Add(codec);

    public void Dispose()
    {
        foreach (var codec in _codecs)
            codec.Dispose();
    }
}
