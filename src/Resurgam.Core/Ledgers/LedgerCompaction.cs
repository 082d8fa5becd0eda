using Resurgam.Core.Problems;

namespace Resurgam.Core.Ledgers;

/// <summary>Joins old entries of a stream into segments: fewer objects, the same lines, the same hashes.</summary>
/// <remarks>
/// A segment is created, once, and only then the single entries go, where the store lets them. Cut off anywhere, it is run
/// again. A writer that still holds an old head finds its place free, writes, and sees the segment: see <see cref="LedgerWriter"/>.
/// </remarks>
public sealed class LedgerCompaction(Ledger ledger)
{
    /// <summary>So many of the newest entries stay single at least: readers of the head then read one small object.</summary>
    private int Kept => ledger.EntriesInSegment / 10;

    /// <exception cref="ResurgamException"><c>ledger-damaged</c>: the chain is broken, and a segment would hide where.</exception>
    public async Task<LedgerCompactionResult> RunAsync(StreamName stream, CancellationToken cancellationToken)
    {
        var (segments, deleted, left) = (0, 0L, 0L);
        var head = await ledger.FindHeadAsync(stream, cancellationToken);
        var singles = await ListSinglesAsync(stream, cancellationToken);
        var before = ledger.Beginning(stream);
        for (long first = 1; first + ledger.EntriesInSegment + Kept - 1 <= head.Seq; first += ledger.EntriesInSegment)
        {
            var segment = await ledger.FindSegmentAsync(stream, first, cancellationToken);
            if (segment is null)
            {
                segment = await JoinAsync(before, cancellationToken);
                segments++;
            }
            before = segment[^1].Head;
            var (gone, kept) = await DeleteAsync(segment, singles, cancellationToken);
            (deleted, left) = (deleted + gone, left + kept);
        }
        return new LedgerCompactionResult(stream, segments, deleted, left);
    }

    private async Task<IReadOnlyList<LedgerEntry>> JoinAsync(LedgerHead before, CancellationToken cancellationToken)
    {
        List<LedgerEntry> entries = [];
        using MemoryStream lines = new();
        for (var last = before; entries.Count < ledger.EntriesInSegment; last = entries[^1].Head)
        {
            var key = LedgerLayout.EntryKey(last.Stream, last.Seq + 1);
            var entry = await ledger.FindSingleAsync(last.Stream, last.Seq + 1, cancellationToken);
            if (entry is null || entry.Previous != last.Hash)
                // Another may have joined and deleted them while we read.
                return await ledger.FindSegmentAsync(before.Stream, before.Seq + 1, cancellationToken)
                    ?? throw LedgerProblems.Damaged(
                        key,
                        entry is null ? "it is missing" : "it does not follow the entry before it"
                    );
            entries.Add(entry);
            lines.Write(entry.Line.Span);
        }
        var segmentKey = LedgerLayout.SegmentKey(before.Stream, before.Seq + 1);
        await ledger.Store.PutAsync(segmentKey, ledger.Secret.Seal(lines.ToArray()), cancellationToken);
        // Ours, or that of another who did the same: what is there is read, and only what it holds is deleted.
        return await ledger.FindSegmentAsync(before.Stream, before.Seq + 1, cancellationToken)
            ?? throw LedgerProblems.Damaged(segmentKey, "it is missing although it was just written");
    }

    /// <summary>Takes away single entries that are in the segment byte for byte; another one at their place is a fork and stays.</summary>
    private async Task<(long Deleted, long Left)> DeleteAsync(
        IReadOnlyList<LedgerEntry> segment,
        HashSet<long> singles,
        CancellationToken cancellationToken
    )
    {
        var deleted = 0L;
        foreach (var (index, entry) in segment.Index().Where(item => singles.Contains(item.Item.Seq)))
        {
            if (await ledger.FindSingleAsync(entry.Stream, entry.Seq, cancellationToken) != entry)
                continue;
            try
            {
                await ledger.Store.DeleteAsync(LedgerLayout.EntryKey(entry.Stream, entry.Seq), cancellationToken);
                deleted++;
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                // Under object lock they stay, and asking for each one is in vain.
                return (deleted, segment.Skip(index).Count(one => singles.Contains(one.Seq)));
            }
        }
        return (deleted, 0);
    }

    private async Task<HashSet<long>> ListSinglesAsync(StreamName stream, CancellationToken cancellationToken)
    {
        HashSet<long> singles = [];
        await foreach (var item in ledger.Store.ListAsync(LedgerLayout.EntryPrefix(stream), cancellationToken))
            if (LedgerLayout.Read(item.Key) is LedgerObject.Single single)
                singles.Add(single.Seq);
        return singles;
    }
}

/// <param name="Segments">Made now.</param>
/// <param name="Deleted">Single entries that went.</param>
/// <param name="Left">Single entries that the store did not let go. They do no harm.</param>
public sealed record LedgerCompactionResult(StreamName Stream, int Segments, long Deleted, long Left);
