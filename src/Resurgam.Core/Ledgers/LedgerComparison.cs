namespace Resurgam.Core.Ledgers;

/// <summary>How a stream stands in two copies of a vault.</summary>
public abstract record StreamComparison
{
    private StreamComparison(StreamName stream) => Stream = stream;

    public StreamName Stream { get; }

    public sealed record Same(StreamName Name, LedgerHead Head) : StreamComparison(Name);

    /// <summary>One copy has all of the other and more: it is to be copied.</summary>
    /// <param name="IsOtherAhead">The other copy has more.</param>
    public sealed record Ahead(StreamName Name, bool IsOtherAhead, long From, long To) : StreamComparison(Name);

    /// <summary>Both went on from the same entry, each in its way.</summary>
    /// <param name="CommonSeq">Last entry that both have; 0 for none.</param>
    /// <param name="Here">What follows here.</param>
    /// <param name="There">What follows in the other copy.</param>
    public sealed record Fork(
        StreamName Name,
        long CommonSeq,
        IReadOnlyList<LedgerEntry> Here,
        IReadOnlyList<LedgerEntry> There
    ) : StreamComparison(Name);
}

/// <summary>Compares the ledgers of two stores of one vault: copies that grew apart show both branches.</summary>
public static class LedgerComparison
{
    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c>, in either.</exception>
    public static async Task<IReadOnlyList<StreamComparison>> RunAsync(
        Ledger here,
        Ledger there,
        CancellationToken cancellationToken
    )
    {
        SortedSet<StreamName> streams =
        [
            .. await here.ListStreamsAsync(cancellationToken),
            .. await there.ListStreamsAsync(cancellationToken),
        ];
        List<StreamComparison> comparisons = [];
        foreach (var stream in streams)
            comparisons.Add(await CompareAsync(stream, here, there, cancellationToken));
        return comparisons;
    }

    private static async Task<StreamComparison> CompareAsync(
        StreamName stream,
        Ledger here,
        Ledger there,
        CancellationToken cancellationToken
    )
    {
        var ours = await here.FindHeadAsync(stream, cancellationToken);
        var theirs = await there.FindHeadAsync(stream, cancellationToken);
        var shorter = Math.Min(ours.Seq, theirs.Seq);
        if (await IsEqualAsync(shorter))
            return ours.Seq == theirs.Seq
                ? new StreamComparison.Same(stream, ours)
                : new StreamComparison.Ahead(stream, theirs.Seq > shorter, shorter + 1, Math.Max(ours.Seq, theirs.Seq));
        // Equal hashes mean equal pasts, so that the last common entry is found by halving.
        var (common, different) = (0L, shorter);
        while (different - common > 1)
        {
            var middle = common + ((different - common) / 2);
            if (await IsEqualAsync(middle))
                common = middle;
            else
                different = middle;
        }
        return new StreamComparison.Fork(
            stream,
            common,
            await BranchAsync(here, stream, common, cancellationToken),
            await BranchAsync(there, stream, common, cancellationToken)
        );

        async Task<bool> IsEqualAsync(long seq) =>
            seq == 0
            || (await here.FindAsync(stream, seq, cancellationToken))?.Hash
                == (await there.FindAsync(stream, seq, cancellationToken))?.Hash;
    }

    private static async Task<IReadOnlyList<LedgerEntry>> BranchAsync(
        Ledger ledger,
        StreamName stream,
        long common,
        CancellationToken cancellationToken
    )
    {
        List<LedgerEntry> branch = [];
        await foreach (var entry in ledger.ReadAsync(stream, common + 1, cancellationToken))
            branch.Add(entry);
        return branch;
    }
}
