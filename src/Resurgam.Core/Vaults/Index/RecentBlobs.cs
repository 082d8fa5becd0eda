namespace Resurgam.Core.Vaults.Index;

/// <summary>Index records in memory: a hash table of numbers over records that stay where they are. Not thread-safe.</summary>
/// <remarks>Of the same form as in an <see cref="IndexRun"/>; growing copies four bytes a record, and no block is ever freed in parts.</remarks>
internal sealed class RecentBlobs
{
    private const int RecordsPerBlock = 1024;
    private const int LeastSlots = 1024;

    private readonly List<byte[]> _blocks = [];
    private int[] _slots = new int[LeastSlots]; // a record's number and one; 0 is free; at most half are taken

    public int Count { get; private set; }

    public bool TryFind(BlobId id, out BlobLocation location)
    {
        var number = _slots[SlotOf(id)] - 1;
        location = number < 0 ? default : IndexRun.Decode(RecordAt(number));
        return number >= 0;
    }

    /// <summary>Adds a record, or replaces that of the same id.</summary>
    public void Set(BlobId id, BlobLocation location)
    {
        var slot = SlotOf(id);
        if (_slots[slot] == 0)
        {
            if (2 * Count >= _slots.Length)
            {
                Grow();
                slot = SlotOf(id);
            }
            if (Count == _blocks.Count * RecordsPerBlock)
                _blocks.Add(new byte[RecordsPerBlock * IndexRun.RecordBytes]);
            _slots[slot] = ++Count;
        }
        IndexRun.Encode(RecordAt(_slots[slot] - 1), id, location);
    }

    /// <summary>All records, ascending by id.</summary>
    public byte[] Sorted()
    {
        var records = new byte[Count * IndexRun.RecordBytes];
        for (var number = 0; number < Count; number++)
            RecordAt(number).CopyTo(records.AsSpan(number * IndexRun.RecordBytes));
        IndexRecords.Sort(records);
        return records;
    }

    private void Grow()
    {
        _slots = new int[2 * _slots.Length];
        for (var number = 0; number < Count; number++)
            _slots[SlotOf(BlobId.From(RecordAt(number)[..BlobId.LengthBytes]))] = number + 1;
    }

    /// <summary>Where the id is, or else the free slot where it belongs. Ids are hashes: neighbours are as good as any.</summary>
    private int SlotOf(BlobId id)
    {
        var mask = _slots.Length - 1;
        var slot = id.GetHashCode() & mask;
        while (_slots[slot] != 0 && BlobId.From(RecordAt(_slots[slot] - 1)[..BlobId.LengthBytes]) != id)
            slot = (slot + 1) & mask;
        return slot;
    }

    private Span<byte> RecordAt(int number) =>
        _blocks[number / RecordsPerBlock].AsSpan(number % RecordsPerBlock * IndexRun.RecordBytes, IndexRun.RecordBytes);
}
