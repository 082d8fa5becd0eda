using System.Runtime.InteropServices;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Index;

/// <summary>All blobs of one repository: which there are, and where. Thread-safe; memory does not grow with the vault.</summary>
/// <remarks>
/// New records gather in memory and go to sorted runs in scratch; runs are merged before a look-up has to ask many.
/// A miss costs one read a run, and most chunks of a backup are found beside their parent's without asking at all.
/// </remarks>
public sealed class BlobIndex(IScratch scratch) : IDisposable
{
    private const int RecentRecords = 1 << 17;

    /// <summary>A run is merged into the one before it unless that is this much larger: few runs, and few merges.</summary>
    private const int RunGrowth = 4;

    private readonly Lock _gate = new();
    private readonly List<PackSummary> _packs = [];
    private readonly Dictionary<BlobId, int> _packNumbers = [];
    private readonly HashSet<BlobId> _claimed = [];
    private readonly List<IndexRun> _retired = [];
    private RecentBlobs _recent = new();
    private IndexRun[] _runs = [];

    public long BlobCount { get; private set; }

    public int PackCount
    {
        get
        {
            lock (_gate)
                return _packs.Count;
        }
    }

    public BlobId PackAt(int number) => SummaryAt(number).Id;

    public PackSummary SummaryAt(int number)
    {
        lock (_gate)
            return _packs[number];
    }

    /// <summary>Adds the blobs of a pack that is in the store. A pack that is known already is left out.</summary>
    public void Add(IndexedPack pack)
    {
        lock (_gate)
        {
            if (!_packNumbers.TryAdd(pack.Id, _packs.Count))
                return;
            var number = _packs.Count;
            _packs.Add(PackSummary.Of(pack.Id, pack.Entries));
            foreach (var entry in pack.Entries)
            {
                _claimed.Remove(entry.Id);
                _recent.Set(
                    entry.Id,
                    new BlobLocation(number, entry.Type, entry.Offset, entry.Length, entry.PlainLength)
                );
            }
            BlobCount += pack.Entries.Count;
            if (_recent.Count >= RecentRecords)
                Spill();
        }
    }

    /// <returns>Null when the repository has no such blob (one that was only claimed does not count).</returns>
    public BlobLocation? Find(BlobId id)
    {
        IndexRun[] runs;
        lock (_gate)
        {
            if (_recent.TryFind(id, out var recent))
                return recent;
            runs = _runs;
        }
        foreach (var run in runs)
            if (run.TryFind(id, out var location))
                return location;
        return null;
    }

    /// <summary>Asks to be the one who stores a blob.</summary>
    /// <returns>False when it is stored, or another worker is about to.</returns>
    public bool TryClaim(BlobId id)
    {
        if (Find(id) is not null)
            return false;
        lock (_gate)
            return !_recent.TryFind(id, out _) && _claimed.Add(id);
    }

    public void Dispose()
    {
        foreach (var run in _runs.Concat(_retired))
            run.Dispose();
    }

    private void Spill()
    {
        var run = IndexRun.Write(scratch, [_recent.Sorted()]);
        _recent = new RecentBlobs();
        var kept = _runs.Length;
        var records = run.Count;
        while (kept > 0 && _runs[kept - 1].Count < RunGrowth * (long)records)
            records += _runs[--kept].Count;
        IndexRun[] merged = [.. _runs[kept..], run];
        if (merged.Length > 1)
        {
            _retired.AddRange(merged); // a reader may hold them: closed with the index
            run = IndexRun.Write(scratch, Merge(merged));
        }
        _runs = [.. _runs[..kept], run];
    }

    /// <summary>Blocks of sorted records; the caller must not keep them.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Merge(IndexRun[] runs)
    {
        PriorityQueue<RunCursor, BlobId> queue = new();
        foreach (var run in runs)
        {
            var cursor = new RunCursor(run);
            if (cursor.MoveNext())
                queue.Enqueue(cursor, cursor.Id);
        }
        var block = new byte[1024 * IndexRun.RecordBytes];
        var used = 0;
        while (queue.TryDequeue(out var cursor, out _))
        {
            cursor.Record.Span.CopyTo(block.AsSpan(used));
            used += IndexRun.RecordBytes;
            if (used == block.Length)
            {
                yield return block;
                used = 0;
            }
            if (cursor.MoveNext())
                queue.Enqueue(cursor, cursor.Id);
        }
        yield return block.AsMemory(0, used);
    }

    private sealed class RunCursor(IndexRun run)
    {
        private readonly IEnumerator<ReadOnlyMemory<byte>> _blocks = run.Blocks().GetEnumerator();
        private ReadOnlyMemory<byte> _rest;

        public ReadOnlyMemory<byte> Record { get; private set; }

        public BlobId Id => MemoryMarshal.Read<BlobId>(Record.Span);

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                if (!_blocks.MoveNext())
                    return false;
                _rest = _blocks.Current;
            }
            Record = _rest[..IndexRun.RecordBytes];
            _rest = _rest[IndexRun.RecordBytes..];
            return true;
        }
    }
}
