using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Index;

/// <summary>Index records sorted by id in a scratch file; in memory only the first bytes of every 64th.</summary>
/// <remarks>
/// A record has 48 bytes: id (32), pack number with the type in its top bit (4), offset (4), length (4), plain length
/// (4). A terabyte in 32 KiB chunks is 1.6 GB of records on disk and 4 MB in memory; a look-up is one read of 3 KiB.
/// </remarks>
internal sealed class IndexRun : IDisposable
{
    public const int RecordBytes = 48;
    private const int RecordsPerFence = 64;
    private const uint TreeBit = 0x8000_0000;

    private readonly IScratchFile _records;
    private readonly ulong[] _fences;

    private IndexRun(IScratchFile records, int count, ulong[] fences)
    {
        (_records, Count) = (records, count);
        _fences = fences;
    }

    public int Count { get; }

    /// <param name="sorted">Whole records in ascending order of their ids.</param>
    public static IndexRun Write(IScratch scratch, IEnumerable<ReadOnlyMemory<byte>> sorted)
    {
        var file = scratch.Create();
        List<ulong> fences = [];
        var count = 0;
        foreach (var block in sorted)
        {
            for (var at = 0; at < block.Length; at += RecordBytes, count++)
                if (count % RecordsPerFence == 0)
                    fences.Add(BinaryPrimitives.ReadUInt64BigEndian(block.Span[at..]));
            file.Append(block.Span);
        }
        return new IndexRun(file, count, [.. fences]);
    }

    public bool TryFind(BlobId id, out BlobLocation location)
    {
        Span<byte> wanted = stackalloc byte[BlobId.LengthBytes];
        id.CopyTo(wanted);
        var prefix = BinaryPrimitives.ReadUInt64BigEndian(wanted);
        var fence = Array.BinarySearch(_fences, prefix);
        // Ids that share eight bytes with a fence may lie on both sides of it.
        fence = fence < 0 ? ~fence - 1 : Math.Max(fence - 1, 0);
        Span<byte> block = stackalloc byte[RecordsPerFence * RecordBytes];
        for (; fence >= 0 && fence < _fences.Length && _fences[fence] <= prefix; fence++)
        {
            var records = block[..(Math.Min(RecordsPerFence, Count - fence * RecordsPerFence) * RecordBytes)];
            _records.Read((long)fence * block.Length, records);
            if (TryFind(records, wanted, out location))
                return true;
        }
        location = default;
        return false;
    }

    /// <summary>All records in order, in blocks that the caller must not keep.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks()
    {
        const int blockRecords = 1024;
        var block = new byte[blockRecords * RecordBytes];
        for (var at = 0; at < Count; at += blockRecords)
        {
            var records = block.AsMemory(0, Math.Min(blockRecords, Count - at) * RecordBytes);
            _records.Read((long)at * RecordBytes, records.Span);
            yield return records;
        }
    }

    public static void Encode(Span<byte> record, BlobId id, BlobLocation location)
    {
        id.CopyTo(record);
        var pack = (uint)location.Pack | (location.Type == BlobType.Tree ? TreeBit : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(record[32..], pack);
        BinaryPrimitives.WriteUInt32LittleEndian(record[36..], location.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(record[40..], location.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[44..], location.PlainLength);
    }

    public static BlobLocation Decode(ReadOnlySpan<byte> record)
    {
        var pack = BinaryPrimitives.ReadUInt32LittleEndian(record[32..]);
        return new BlobLocation(
            (int)(pack & ~TreeBit),
            (pack & TreeBit) != 0 ? BlobType.Tree : BlobType.Data,
            BinaryPrimitives.ReadUInt32LittleEndian(record[36..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[44..])
        );
    }

    public void Dispose() => _records.Dispose();

    private static bool TryFind(ReadOnlySpan<byte> records, ReadOnlySpan<byte> wanted, out BlobLocation location)
    {
        var (low, high) = (0, records.Length / RecordBytes - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var record = records.Slice(middle * RecordBytes, RecordBytes);
            var order = record[..BlobId.LengthBytes].SequenceCompareTo(wanted);
            if (order == 0)
            {
                location = Decode(record);
                return true;
            }
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        location = default;
        return false;
    }
}

/// <summary>Sorts records in place by their ids.</summary>
internal static class IndexRecords
{
    private readonly record struct Record(BlobId Id, ulong First, ulong Second);

    public static void Sort(Span<byte> records) =>
        MemoryMarshal.Cast<byte, Record>(records).Sort(static (a, b) => a.Id.CompareTo(b.Id));
}
