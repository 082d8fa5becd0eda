using System.Globalization;
using System.Threading.Channels;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Ledgers;

/// <summary>Reads every entry and tells all that is wrong. What a good result proves: docs/formats/ledger.md.</summary>
/// <param name="ledger">Of the vault.</param>
/// <param name="workers">How many threads open and hash.</param>
/// <param name="progress">Told of each stream.</param>
public sealed class LedgerVerifier(Ledger ledger, int workers, IWorkProgress progress)
{
    /// <summary>So many single entries are one piece of work.</summary>
    private const int SinglesInBlock = 128;

    private readonly List<LedgerFinding> _findings = [];
    private readonly KeyRing _ring = new(ledger.Secret.Root, ledger.VaultId);

    /// <summary>Entries that somebody saw: in an anchor, on another machine, on paper.</summary>
    private readonly Dictionary<StreamName, List<Known>> _known = [];

    /// <summary>Those that say of an entry that somebody saw that it is not there.</summary>
    private readonly Dictionary<LedgerFinding, EntryHash> _missed = new(ReferenceEqualityComparer.Instance);

    /// <summary>Entries that did not stay when a fork was ended: who saw them saw the truth, and the ledger has them elsewhere, whole and signed.</summary>
    private readonly HashSet<EntryHash> _setAside = [];
    private long _entries;
    private long _signatures;

    /// <summary>The keys, after <see cref="RunAsync"/>.</summary>
    public KeyRing Ring => _ring;

    /// <param name="allSignatures">
    /// Each entry's own signature is verified. Otherwise, in each stream, the last one of each key, which covers the
    /// chain before it; and every entry about keys.
    /// </param>
    /// <param name="known">Heads that were seen before, and by whom.</param>
    public async Task<LedgerReport> RunAsync(
        bool allSignatures,
        IReadOnlyList<(LedgerHead Head, string By)> known,
        CancellationToken cancellationToken
    )
    {
        foreach (var (head, by) in known)
            Expect(head, by);
        var streams = await ListAsync(cancellationToken);
        List<LedgerStreamReport> reports = [];
        // The vault's stream first: it has the keys, and the anchors of all others; then what was set aside.
        foreach (
            var (stream, objects) in streams
                .OrderBy(pair => pair.Key != StreamName.Vault)
                .ThenBy(pair => !pair.Key.IsOfFork)
                .ThenBy(pair => pair.Key)
        )
        {
            progress.Stage($"verifying {stream}");
            reports.Add(await VerifyAsync(stream, objects, allSignatures, cancellationToken));
        }
        foreach (var stream in _known.Keys.Where(stream => !streams.ContainsKey(stream)).Order())
            reports.Add(await VerifyAsync(stream, new StreamObjects(), allSignatures, cancellationToken));
        _findings.RemoveAll(finding => _missed.TryGetValue(finding, out var hash) && _setAside.Contains(hash));
        return new LedgerReport([.. reports.OrderBy(report => report.Stream)], _entries, _signatures, _findings);
    }

    private async Task<Dictionary<StreamName, StreamObjects>> ListAsync(CancellationToken cancellationToken)
    {
        Dictionary<StreamName, StreamObjects> streams = [];
        await foreach (var item in ledger.Store.ListAsync(LedgerLayout.Prefix, cancellationToken))
            switch (LedgerLayout.Read(item.Key))
            {
                case LedgerObject.Tag(var stream):
                    Of(stream).HasTag = true;
                    break;
                case LedgerObject.Segment(var stream, var first):
                    Of(stream).Segments.Add(first);
                    break;
                case LedgerObject.Single(var stream, var seq):
                    Of(stream).Singles.Add(seq);
                    break;
                default:
                    Find(LedgerFault.Stray, default, 0, $"{item.Key} is no object of the ledger");
                    break;
            }
        foreach (var stream in streams.Where(pair => !pair.Value.HasTag).Select(pair => pair.Key))
            Find(
                LedgerFault.Missing,
                stream,
                0,
                $"{LedgerLayout.TagKey(stream)} is missing, so that anchors miss the stream"
            );
        return streams;

        StreamObjects Of(StreamName stream)
        {
            if (!streams.TryGetValue(stream, out var objects))
                streams.Add(stream, objects = new StreamObjects());
            return objects;
        }
    }

    private async Task<LedgerStreamReport> VerifyAsync(
        StreamName stream,
        StreamObjects objects,
        bool allSignatures,
        CancellationToken cancellationToken
    )
    {
        var known = _known.GetValueOrDefault(stream, []);
        StreamCheck check = new(ledger.Beginning(stream), known);
        await foreach (var block in ReadAsync(stream, objects, allSignatures, cancellationToken))
        {
            _findings.AddRange(block.Findings);
            _signatures += block.Signatures;
            foreach (var entry in block.Entries)
            {
                Take(check, entry, allSignatures);
                progress.Add(entry.Line.Length);
            }
        }
        if (!allSignatures)
            foreach (var last in check.LastOfKeys)
                VerifySignature(last);
        foreach (var head in check.NotReached(_setAside))
            Miss(
                head.Head.Hash,
                LedgerFault.Dropped,
                stream,
                head.Head.Seq,
                Text(
                    $"the stream ends with entry {check.Head.Seq}, but {head.By} names entry {head.Head.Seq} ({head.Head.Hash.Short}): its last entries were dropped"
                )
            );
        return new LedgerStreamReport(stream, check.Entries, check.Last);
    }

    /// <summary>Links an entry to the ones before it, and compares it with what is known of its place.</summary>
    private void Take(StreamCheck check, LedgerEntry entry, bool allSignatures)
    {
        _entries++;
        if (entry.Seq > check.Head.Seq + 1)
            Find(
                LedgerFault.Missing,
                entry.Stream,
                check.Head.Seq + 1,
                entry.Seq == check.Head.Seq + 2
                    ? Text($"entry {check.Head.Seq + 1} is missing or cannot be read")
                    : Text($"entries {check.Head.Seq + 1} to {entry.Seq - 1} are missing or cannot be read")
            );
        else if (entry.Previous != check.Head.Hash)
            Find(
                LedgerFault.Unlinked,
                entry.Stream,
                entry.Seq,
                Text(
                    $"entry {entry.Seq} follows an entry {entry.Seq - 1} with the hash {entry.Previous.Short}, and the one that is there has {check.Head.Hash.Short}"
                )
            );
        foreach (var known in check.KnownAt(entry.Seq))
            if (known.Head.Hash != entry.Hash)
                Miss(
                    known.Head.Hash,
                    LedgerFault.Forked,
                    entry.Stream,
                    entry.Seq,
                    Text(
                        $"{known.By} names {known.Head.Hash.Short} as entry {entry.Seq}, and here it is {Describe(entry)}"
                    )
                );
        var fault = entry.Stream == StreamName.Vault ? FaultOfVault(entry, allSignatures) : _ring.FaultOfKey(entry);
        if (fault is not null)
            Find(LedgerFault.Unsigned, entry.Stream, entry.Seq, Text($"entry {entry.Seq}: {fault}"));
        else if (LedgerSettlement.FindKept(entry) is { } kept && _ring.IsSigned(kept))
            _setAside.Add(kept.Hash);
        check.Take(entry, isGood: fault is null);
    }

    private string? FaultOfVault(LedgerEntry entry, bool allSignatures)
    {
        string? fault = null;
        if (KeyRing.IsAboutKeys(entry) || allSignatures)
            _signatures++;
        if (!KeyRing.IsAboutKeys(entry))
            fault = allSignatures ? _ring.FaultOfSignature(entry) : _ring.FaultOfKey(entry);
        fault = _ring.Apply(entry) ?? fault;
        var by = Text($"entry {entry.Seq} of stream vault ({entry.Kind})");
        foreach (var head in KeyRing.HeadsIn(entry))
            Expect(head, by);
        return fault;
    }

    private void VerifySignature(LedgerEntry entry)
    {
        if (KeyRing.IsAboutKeys(entry))
            return; // verified when it was taken
        _signatures++;
        if (_ring.FaultOfSignature(entry) is { } fault)
            Find(LedgerFault.Unsigned, entry.Stream, entry.Seq, Text($"entry {entry.Seq}: {fault}"));
    }

    /// <summary>All blocks of a stream in their order, opened, parsed and hashed by several threads ahead of the reader.</summary>
    private async IAsyncEnumerable<Block> ReadAsync(
        StreamName stream,
        StreamObjects objects,
        bool allSignatures,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Channel.CreateBounded<Task<Block>>(Math.Max(1, workers));
        var feeding = FeedAsync();
        try
        {
            await foreach (var block in running.Reader.ReadAllAsync(cancellationToken))
                yield return await block;
        }
        finally
        {
            await stop.CancelAsync();
            while (running.Reader.TryRead(out var block))
                await block.ContinueWith(
                    static _ => { },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                );
            await feeding;
        }

        async Task FeedAsync()
        {
            // In the vault's stream each signature waits for the keys that the entries before it introduce.
            var verifies = allSignatures && stream != StreamName.Vault;
            try
            {
                foreach (var work in Plan(objects))
                    await running.Writer.WriteAsync(
                        Task.Run(() => ReadBlockAsync(stream, work, verifies, stop.Token), CancellationToken.None),
                        stop.Token
                    );
                running.Writer.Complete();
            }
            catch (OperationCanceledException)
            {
                // The reader has left.
                running.Writer.TryComplete();
            }
        }
    }

    /// <summary>Segments and runs of single entries, by their first entry.</summary>
    private IEnumerable<BlockWork> Plan(StreamObjects objects)
    {
        var segments = objects.Segments.ToHashSet();
        var singles = objects.Singles.Where(seq => !segments.Contains(ledger.FirstOfSegment(seq)));
        var doubled = objects
            .Singles.Where(seq => segments.Contains(ledger.FirstOfSegment(seq)))
            .ToLookup(ledger.FirstOfSegment);
        return objects
            .Segments.Select(first => new BlockWork(first, IsSegment: true, [.. doubled[first]]))
            .Concat(
                singles
                    .Chunk(SinglesInBlock)
                    .SelectMany(chunk => chunk.GroupBy(ledger.FirstOfSegment))
                    .Select(group => new BlockWork(group.First(), IsSegment: false, [.. group]))
            )
            .OrderBy(work => work.First);
    }

    private async Task<Block> ReadBlockAsync(
        StreamName stream,
        BlockWork work,
        bool verifies,
        CancellationToken cancellationToken
    )
    {
        List<LedgerEntry> entries = [];
        List<LedgerFinding> findings = [];
        if (work.IsSegment)
            await TryAsync(async () =>
            {
                if (await ledger.FindSegmentAsync(stream, work.First, cancellationToken) is { } segment)
                    entries.AddRange(segment);
            });
        foreach (var seq in work.Singles)
            await TryAsync(async () =>
            {
                if (await ledger.FindSingleAsync(stream, seq, cancellationToken) is not { } entry)
                    return;
                if (!work.IsSegment || entries.Count == 0)
                    entries.Add(entry); // also where the segment is damaged: what was not deleted still tells
                else if (entries[(int)(seq - work.First)] is var joined && joined != entry)
                    findings.Add(Fork(joined, entry));
            });
        return new Block(entries, findings, verifies ? VerifyAll(entries, findings) : 0);

        async Task TryAsync(Func<Task> read)
        {
            try
            {
                await read();
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                findings.Add(new LedgerFinding(LedgerFault.Damaged, stream, work.First, e.Problem.What));
            }
        }
    }

    private long VerifyAll(List<LedgerEntry> entries, List<LedgerFinding> findings)
    {
        foreach (var entry in entries)
            if (_ring.FaultOfKey(entry) is null && _ring.FaultOfSignature(entry) is { } fault)
                findings.Add(
                    new LedgerFinding(
                        LedgerFault.Unsigned,
                        entry.Stream,
                        entry.Seq,
                        Text($"entry {entry.Seq}: {fault}")
                    )
                );
        return entries.Count;
    }

    internal static LedgerFinding Fork(LedgerEntry one, LedgerEntry other) =>
        new(
            LedgerFault.Forked,
            one.Stream,
            one.Seq,
            Text($"entry {one.Seq} is there twice: {Describe(one)}, and {Describe(other)}")
        );

    internal static string Describe(LedgerEntry entry) =>
        Text(
            $"{entry.Hash.Short} ({entry.Kind}, {entry.Time:yyyy-MM-dd HH:mm:ss}Z, {entry.Actor}, key {entry.Key.Short})"
        );

    private void Expect(LedgerHead head, string by)
    {
        if (!_known.TryGetValue(head.Stream, out var heads))
            _known.Add(head.Stream, heads = []);
        heads.Add(new Known(head, by));
    }

    private void Find(LedgerFault fault, StreamName stream, long seq, string what) =>
        _findings.Add(new LedgerFinding(fault, stream, seq, what));

    private void Miss(EntryHash hash, LedgerFault fault, StreamName stream, long seq, string what)
    {
        Find(fault, stream, seq, what);
        _missed.Add(_findings[^1], hash);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record StreamObjects
    {
        public bool HasTag { get; set; }

        public List<long> Segments { get; } = [];

        public List<long> Singles { get; } = [];
    }

    /// <param name="Singles">Entries that lie there as single objects: of a segment, those that were not deleted.</param>
    private sealed record BlockWork(long First, bool IsSegment, IReadOnlyList<long> Singles);

    private sealed record Block(
        IReadOnlyList<LedgerEntry> Entries,
        IReadOnlyList<LedgerFinding> Findings,
        long Signatures
    );

    private sealed record Known(LedgerHead Head, string By);

    /// <summary>How far a stream has been followed.</summary>
    private sealed class StreamCheck(LedgerHead beginning, List<Known> known)
    {
        private readonly Dictionary<LedgerKeyId, LedgerEntry> _lastOfKeys = [];
        private readonly ILookup<long, Known> _known = known.ToLookup(one => one.Head.Seq);

        public LedgerHead Head { get; private set; } = beginning;

        public LedgerEntry? Last { get; private set; }

        public long Entries { get; private set; }

        public IEnumerable<LedgerEntry> LastOfKeys => _lastOfKeys.Values;

        public IEnumerable<Known> KnownAt(long seq) => _known[seq];

        /// <summary>The furthest that each witness names and that is not there.</summary>
        public IEnumerable<Known> NotReached(HashSet<EntryHash> setAside) =>
            known
                .Where(one => one.Head.Seq > Head.Seq && !setAside.Contains(one.Head.Hash))
                .OrderByDescending(one => one.Head.Seq)
                .Take(1);

        /// <param name="isGood">Its key counts here.</param>
        public void Take(LedgerEntry entry, bool isGood)
        {
            (Head, Last) = (entry.Head, entry);
            Entries++;
            if (isGood)
                _lastOfKeys[entry.Key] = entry;
        }
    }
}
