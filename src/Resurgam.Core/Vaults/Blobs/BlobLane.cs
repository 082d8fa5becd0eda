using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Blobs;

/// <summary>One worker's way into the repository: claims, compresses, seals, packs. Not thread-safe.</summary>
public sealed class BlobLane : IDisposable
{
    private readonly BlobWriter _writer;
    private readonly BlobType _type;
    private readonly BlobCodec _codec;
    private PackBuffer? _pack;

    internal BlobLane(BlobWriter writer, BlobType type, BlobCodec codec) =>
        (_writer, _type, _codec) = (writer, type, codec);

    /// <summary>Stores a blob unless the repository has it.</summary>
    /// <returns>True when it was new.</returns>
    public async ValueTask<bool> StoreAsync(BlobId id, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        if (!_writer.TryClaim(id))
            return false;
        if (_pack is not null && !_pack.HasRoom(BlobCodec.MostSealedBytes(plain.Length)))
            Flush();
        _pack ??= await _writer.RentAsync(cancellationToken);
        _pack.Add(_type, id, plain.Span, _codec);
        _writer.CountNew(plain.Length);
        return true;
    }

    /// <summary>Hands the last, partly filled pack over.</summary>
    public void Flush()
    {
        if (_pack is null)
            return;
        if (_pack.IsEmpty)
            _writer.Return(_pack);
        else
            _writer.Upload(_pack);
        _pack = null;
    }

    public void Dispose()
    {
        if (_pack is not null)
            _writer.Return(_pack);
        _pack = null;
        _codec.Dispose();
    }
}
