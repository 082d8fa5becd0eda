using System.Buffers.Binary;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Blobs;

/// <summary>A pack that is being filled: sealed blobs one after the other, then the sealed header and its length.</summary>
internal sealed class PackBuffer
{
    /// <summary>Packs are finished at this size: restic's own, few enough to list and small enough to hold several.</summary>
    public const int TargetBytes = 16 << 20;

    private readonly List<PackEntry> _entries = [];
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(TargetBytes);
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
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, needed);
        var (length, plainLength) = codec.Seal(plain, _bytes.AsSpan(_used));
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
        if (_used + sealedLength + sizeof(uint) > _bytes.Length)
            Array.Resize(ref _bytes, _used + sealedLength + sizeof(uint));
        key.Seal(header, iv, _bytes.AsSpan(_used, sealedLength));
        _used += sealedLength;
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(_used), (uint)sealedLength);
        _used += sizeof(uint);
        return _bytes.AsMemory(0, _used);
    }

    public void Clear()
    {
        _entries.Clear();
        _used = 0;
        if (_bytes.Length > 2 * TargetBytes)
            _bytes = GC.AllocateUninitializedArray<byte>(TargetBytes);
    }
}
