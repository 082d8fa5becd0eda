using System.Buffers.Binary;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Blobs;

/// <summary>A pack that is being filled: sealed blobs one after the other, then the sealed header and its length.</summary>
internal sealed class PackBuffer : IDisposable
{
    /// <summary>Packs are finished at this size: few enough to list, small enough to hold several; restic takes 4 to 128 MiB.</summary>
    public const int TargetBytes = 8 << 20;

    private readonly List<PackEntry> _entries = [];
    private readonly NativeBuffer _bytes = new(TargetBytes);
    private int _used;

    public IReadOnlyList<PackEntry> Entries => _entries;

    public int UsedBytes => _used;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>True when a blob of that sealed length, and the header, still fit.</summary>
    public bool HasRoom(int sealedBytes) =>
        (long)_used + sealedBytes + PackHeader.StoredTailBytes(_entries.Count + 1) <= TargetBytes;

    /// <summary>Seals a blob at the end. A blob larger than a pack gets a pack of its own.</summary>
    public int Add(BlobType type, BlobId id, ReadOnlySpan<byte> plain, BlobCodec codec)
    {
        var needed = _used + BlobCodec.MostSealedBytes(plain.Length) + PackHeader.StoredTailBytes(_entries.Count + 1);
        var (length, plainLength) = codec.Seal(plain, _bytes.Reserve(needed).Span[_used..]);
        _entries.Add(new PackEntry(id, type, (uint)_used, (uint)length, plainLength));
        _used += length;
        return length;
    }

    /// <summary>Adds the header and gives the whole pack, valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Finish(SealingKey key, IEntropy entropy)
    {
        var header = PackHeader.Write([.. _entries]);
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        entropy.Fill(iv);
        var sealedLength = header.Length + SealingKey.OverheadBytes;
        var rest = _bytes.Reserve(_used + sealedLength + sizeof(uint)).Span[_used..];
        key.Seal(header, iv, rest[..sealedLength]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[sealedLength..], (uint)sealedLength);
        _used += sealedLength + sizeof(uint);
        return _bytes.Memory[.._used];
    }

    public void Clear()
    {
        _entries.Clear();
        _used = 0;
        if (_bytes.LengthBytes > 2 * TargetBytes)
            _bytes.Resize(TargetBytes);
    }

    public void Dispose() => ((IDisposable)_bytes).Dispose();
}
