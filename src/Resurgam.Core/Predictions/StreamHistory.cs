using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Predictions;

/// <summary>What a stream of the ledger told when it was read last, and up to where.</summary>
public sealed record StreamHistory(LedgerHead Head, AssetHistory History)
{
    /// <summary>A backup and a good verification are looked for in so many entries, no further.</summary>
    private const int MostEntries = 512;

    /// <summary>Reads on from what is known, or only the newest entries: the whole of a long stream only where that is asked for.</summary>
    /// <param name="isWhole">What is old counts, too: a revocation does until another one takes its place.</param>
    /// <param name="known">Null to begin. One that the ledger does not know, because it was replaced, is read anew.</param>
    /// <exception cref="Problems.ResurgamException">The store's own, and <c>ledger-damaged</c>.</exception>
    public static async Task<StreamHistory> ReadAsync(
        Ledger ledger,
        StreamName stream,
        StreamHistory? known,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        if (
            known is { Head.Seq: > 0 }
            && await ledger.FindAsync(stream, known.Head.Seq, cancellationToken) is { } last
            && last.Hash == known.Head.Hash
        )
            return await ReadOnAsync(ledger, known, cancellationToken);
        var head = await ledger.FindHeadAsync(stream, cancellationToken);
        for (long count = isWhole ? head.Seq : AssetHistory.EnoughEvents; ; count *= 4)
        {
            var first = Math.Max(1, head.Seq - count + 1);
            StreamHistory beginning = new(ledger.Beginning(stream) with { Seq = first - 1 }, AssetHistory.Empty);
            var read = await ReadOnAsync(ledger, beginning, cancellationToken);
            if (first == 1 || count > MostEntries || IsEnough(read.History))
                return read;
        }
    }

    private static async Task<StreamHistory> ReadOnAsync(
        Ledger ledger,
        StreamHistory known,
        CancellationToken cancellationToken
    )
    {
        var (head, history) = known;
        await foreach (var entry in ledger.ReadAsync(head.Stream, head.Seq + 1, cancellationToken))
        {
            head = entry.Head;
            if (AssetEvent.TryRead(entry) is { } told)
                history = history.With(told);
        }
        return head == known.Head ? known : new StreamHistory(head, history);
    }

    private static bool IsEnough(AssetHistory history) =>
        history.LastBackup is not null && history.Events.Any(e => e is AssetEvent.Verification { Passed: true });
}
