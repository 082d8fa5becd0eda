using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>
/// Lets only what goes on where a place's stream ends into its ledger: who can write in one store without the vault's key must not write in another by way
/// of a copy, where nobody could go on behind it.
/// </summary>
/// <remarks>Told of the objects of one stream, first numbers first, a segment before its single entries.</remarks>
internal sealed class StreamGate(Ledger ledger, LedgerHead end)
{
    private LedgerHead _end = end;
    private IReadOnlyList<LedgerEntry> _joined = [];

    /// <summary>The stream has been let in, or was there.</summary>
    public bool HasEntries => _end.Seq > 0;

    /// <exception cref="ResurgamException"><c>ledger-damaged</c>: nothing can be put behind it.</exception>
    public static async Task<StreamGate> OpenAsync(
        Ledger ledger,
        StreamName stream,
        CancellationToken cancellationToken
    ) => new(ledger, await ledger.FindHeadAsync(stream, cancellationToken));

    /// <returns>What is wrong with an object, in words; null when it may go in.</returns>
    public async Task<string?> FindFaultAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<LedgerEntry> entries;
        try
        {
            entries = ledger.ReadObject(key, bytes.Span);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return e.Problem.What;
        }
        for (var i = 1; i < entries.Count; i++)
            if (entries[i].Previous != entries[i - 1].Hash)
                return $"its entry {entries[i].Seq} does not follow on the one before it";
        if (!await FitsAsync(entries[0], entries[^1], entries, cancellationToken))
            return "it does not go on where the stream ends that it would go to";
        if (entries[^1].Seq > _end.Seq)
            _end = entries[^1].Head;
        if (entries.Count > 1)
            _joined = entries;
        return null;
    }

    private async Task<bool> FitsAsync(
        LedgerEntry first,
        LedgerEntry last,
        IReadOnlyList<LedgerEntry> entries,
        CancellationToken cancellationToken
    )
    {
        if (first.Seq > _end.Seq + 1) // what is there may have a hole, which has just been filled
            _end = await ledger.FindHeadAsync(first.Stream, cancellationToken);
        if (first.Seq == _end.Seq + 1)
            return first.Previous == _end.Hash;
        if (first.Seq > _end.Seq)
            return false;
        if (last.Seq >= _end.Seq)
            return entries[(int)(_end.Seq - first.Seq)].Hash == _end.Hash;
        if (_joined is [var begin, .., var close] && first.Seq >= begin.Seq && last.Seq <= close.Seq)
            return _joined[(int)(first.Seq - begin.Seq)].Hash == first.Hash;
        return (await ledger.FindAsync(last.Stream, last.Seq + 1, cancellationToken))?.Previous == last.Hash;
    }
}
