using System.Collections.Concurrent;
using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>Looks for streams of the ledger that go one way in one place and another in the other. What was found counts, also when it is stopped.</summary>
/// <param name="comparison">Of the two.</param>
/// <param name="source">That was compared.</param>
/// <param name="target">That was compared.</param>
/// <param name="memory">Each run and each drill has a stream of its own: those that were looked at and have not changed since are not read again. Null: all are.</param>
public sealed class ForkSearch(ReplicaComparison comparison, IStore source, IStore target, IEndMemory? memory)
{
    /// <summary>Looks at a store that is far away take turns waiting.</summary>
    internal const int LooksAtOnce = 32;

    private readonly ConcurrentBag<StreamFork> _forks = [];
    private readonly ConcurrentBag<string> _ends = [];
    private int _looked;

    public IReadOnlyList<StreamFork> Forks => [.. _forks.OrderBy(fork => fork.Stream)];

    /// <summary>Streams that were not looked at: 0 unless it was stopped.</summary>
    public int Unseen => comparison.Streams.Count - _looked;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var known = memory?.Read() ?? new HashSet<string>();
        try
        {
            await Parallel.ForEachAsync(
                // Where one has more somebody has written: what is new matters before what was there long ago.
                comparison.Streams.OrderBy(pair => pair.Key != StreamName.Vault && !pair.Value.IsUneven),
                new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellationToken },
                async (pair, token) => await LookAsync(pair.Key, pair.Value, known, token)
            );
        }
        finally
        {
            // The next one goes on where this one was stopped.
            memory?.Write(Unseen == 0 ? _ends : _ends.Union(known));
        }
    }

    private async Task LookAsync(
        StreamName stream,
        StreamDifference difference,
        IReadOnlySet<string> known,
        CancellationToken cancellationToken
    )
    {
        var end = difference.End;
        // The vault's stream has the keys: it is looked at each time.
        var isKnown = end is not null && stream != StreamName.Vault && known.Contains(end);
        if (!isKnown && await difference.FindForkAsync(source, target, stream, cancellationToken) is { } seq)
            _forks.Add(new StreamFork(stream, seq));
        else if (end is not null)
            _ends.Add(end);
        Interlocked.Increment(ref _looked);
    }
}

/// <summary>Ends of streams that two places were found to have in common, kept from one look to the next. A cache.</summary>
public interface IEndMemory
{
    IReadOnlySet<string> Read();

    void Write(IEnumerable<string> ends);
}

/// <summary>A stream of the ledger that grew in two places.</summary>
/// <param name="Seq">The first entry that differs.</param>
public sealed record StreamFork(StreamName Stream, long Seq);
