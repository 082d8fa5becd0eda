using System.Runtime.CompilerServices;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Ledgers;

/// <summary>The ledger of a vault, as its store holds it. Thread-safe.</summary>
/// <remarks>
/// An entry is an object of its own until a whole segment of them is old; then they are joined in one object and the single
/// ones may go. Where both are there, the segment counts.
/// </remarks>
public sealed class Ledger
{
    /// <summary>So many entries are joined in one object.</summary>
    public const int SegmentEntries = 1000;

    private readonly IStore _store;
    private readonly LedgerSecret _secret;

    public Ledger(IStore store, string vaultId, LedgerSecret secret, int entriesInSegment = SegmentEntries)
    {
        (_store, VaultId, _secret, EntriesInSegment) = (store, vaultId, secret, entriesInSegment);
    }

    public string VaultId { get; }

    public int EntriesInSegment { get; }

    /// <summary>The vault's own key.</summary>
    public LedgerKey Root => _secret.Root;

    internal IStore Store => _store;

    internal LedgerSecret Secret => _secret;

    public LedgerHead Beginning(StreamName stream) => new(stream, 0, EntryHash.Beginning(VaultId, stream));

    /// <summary>The last entry of a stream, by a number of looks that grows with the logarithm of its length.</summary>
    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c>: it does not open, or is another entry.</exception>
    public async Task<LedgerHead> FindHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            var segments = await CountAsync(
                n => LedgerLayout.SegmentKey(stream, (n * EntriesInSegment) + 1),
                cancellationToken
            );
            var joined = segments * EntriesInSegment;
            var singles = await CountAsync(n => LedgerLayout.EntryKey(stream, joined + n + 1), cancellationToken);
            // Joined and deleted while we counted: then the count is too low.
            if (await IsJoinedAsync(stream, joined + 1, cancellationToken))
                continue;
            var seq = joined + singles;
            if (seq == 0)
                return Beginning(stream);
            if (await FindAsync(stream, seq, cancellationToken) is { } last)
                return last.Head;
        }
    }

    /// <returns>Null when there is no such entry.</returns>
    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c></exception>
    public async Task<LedgerEntry?> FindAsync(StreamName stream, long seq, CancellationToken cancellationToken)
    {
        var first = FirstOfSegment(seq);
        if (await FindSegmentAsync(stream, first, cancellationToken) is { } segment)
            return segment[(int)(seq - first)];
        if (await FindSingleAsync(stream, seq, cancellationToken) is { } single)
            return single;
        // It may have been joined and deleted between the two looks.
        return await FindSegmentAsync(stream, first, cancellationToken) is { } joined
            ? joined[(int)(seq - first)]
            : null;
    }

    /// <summary>The entries from <paramref name="fromSeq"/> on, as far as they go.</summary>
    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c></exception>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(
        StreamName stream,
        long fromSeq,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var seq = Math.Max(1, fromSeq);
        while (true)
        {
            var first = FirstOfSegment(seq);
            if (await FindSegmentAsync(stream, first, cancellationToken) is { } segment)
            {
                for (; seq < first + EntriesInSegment; seq++)
                    yield return segment[(int)(seq - first)];
                continue;
            }
            for (; seq < first + EntriesInSegment; seq++)
            {
                if (await FindSingleAsync(stream, seq, cancellationToken) is not { } entry)
                    break;
                yield return entry;
            }
            if (seq < first + EntriesInSegment && !await IsJoinedAsync(stream, seq, cancellationToken))
                yield break;
        }
    }

    public async Task<IReadOnlyList<StreamName>> ListStreamsAsync(CancellationToken cancellationToken)
    {
        List<StreamName> streams = [];
        await foreach (var item in _store.ListAsync(LedgerLayout.TagPrefix, cancellationToken))
            if (LedgerLayout.Read(item.Key) is LedgerObject.Tag tag)
                streams.Add(tag.Stream);
        return streams;
    }

    internal long FirstOfSegment(long seq) => ((seq - 1) / EntriesInSegment * EntriesInSegment) + 1;

    internal async Task<bool> IsJoinedAsync(StreamName stream, long seq, CancellationToken cancellationToken) =>
        await _store.HeadAsync(LedgerLayout.SegmentKey(stream, FirstOfSegment(seq)), cancellationToken) is not null;

    /// <returns>Null when there is no such object. It may hold an entry that is none of its place: see <see cref="Read"/>.</returns>
    internal async Task<LedgerEntry?> FindSingleAsync(StreamName stream, long seq, CancellationToken cancellationToken)
    {
        var key = LedgerLayout.EntryKey(stream, seq);
        return await _store.FindAsync(key, cancellationToken) is { } bytes ? ReadOne(bytes, key, stream, seq) : null;
    }

    /// <returns>All entries of it, or null when there is no such object.</returns>
    internal async Task<IReadOnlyList<LedgerEntry>?> FindSegmentAsync(
        StreamName stream,
        long firstSeq,
        CancellationToken cancellationToken
    )
    {
        var key = LedgerLayout.SegmentKey(stream, firstSeq);
        if (await _store.FindAsync(key, cancellationToken) is not { } bytes)
            return null;
        var entries = Read(bytes, key, stream, firstSeq);
        return entries.Count == EntriesInSegment
            ? entries
            : throw LedgerProblems.Damaged(key, $"it holds {entries.Count} entries, not {EntriesInSegment}");
    }

    /// <summary>What an object that is to lie below <paramref name="key"/> holds: the entries that belong there, and at least one.</summary>
    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c></exception>
    internal IReadOnlyList<LedgerEntry> ReadObject(string key, ReadOnlySpan<byte> bytes)
    {
        var (entries, count) = LedgerLayout.Read(key) switch
        {
            LedgerObject.Single(var stream, var seq) => (Read(bytes, key, stream, seq), 1),
            LedgerObject.Segment(var stream, var first) => (Read(bytes, key, stream, first), EntriesInSegment),
            _ => throw LedgerProblems.Damaged(key, "it is no entry of the ledger"),
        };
        return entries.Count == count
            ? entries
            : throw LedgerProblems.Damaged(key, $"it holds {entries.Count} entries, not {count}");
    }

    /// <summary>Opens an object and reads its lines, each of which must be the entry that belongs there.</summary>
    private List<LedgerEntry> Read(ReadOnlySpan<byte> sealedBytes, string key, StreamName stream, long firstSeq)
    {
        var plain = _secret.TryOpen(sealedBytes) ?? throw LedgerProblems.Damaged(key, "its seal is broken");
        List<LedgerEntry> entries = [];
        foreach (var line in Lines(plain))
        {
            var entry = LedgerLine.TryRead(line, out var fault) ?? throw LedgerProblems.Damaged(key, fault);
            if (entry.Stream != stream || entry.Seq != firstSeq + entries.Count)
                throw LedgerProblems.Damaged(
                    key,
                    $"it holds entry {entry.Seq} of stream {entry.Stream} instead of entry {firstSeq + entries.Count} of {stream}"
                );
            entries.Add(entry);
        }
        return entries;
    }

    private LedgerEntry ReadOne(ReadOnlySpan<byte> sealedBytes, string key, StreamName stream, long seq) =>
        Read(sealedBytes, key, stream, seq) is [var one]
            ? one
            : throw LedgerProblems.Damaged(key, "it is not one entry");

    private static List<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> text)
    {
        List<ReadOnlyMemory<byte>> lines = [];
        while (!text.IsEmpty)
        {
            var length = text.Span.IndexOf((byte)'\n') + 1;
            if (length == 0)
                length = text.Length; // the reader of the line refuses it
            lines.Add(text[..length]);
            text = text[length..];
        }
        return lines;
    }

    /// <summary>How many of the keys 0, 1, 2 … there are: doubled steps until one is missing, then halved ones.</summary>
    private async Task<long> CountAsync(Func<long, string> keyOf, CancellationToken cancellationToken)
    {
        long known = 0; // so many are there
        long missing = 1; // this one may not be
        while (await IsThereAsync(missing - 1))
        {
            known = missing;
            missing *= 2;
        }
        missing--;
        while (known < missing)
        {
            var middle = known + ((missing - known) / 2);
            if (await IsThereAsync(middle))
                known = middle + 1;
            else
                missing = middle;
        }
        return known;

        async Task<bool> IsThereAsync(long n) => await _store.HeadAsync(keyOf(n), cancellationToken) is not null;
    }
}
