using System.Collections.Concurrent;
using System.Globalization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>How a replica stands to its primary, from one listing of either: names and lengths, without any secret.</summary>
/// <remarks>Keeps the names of what is missing, packs excepted: some 200 bytes for each object that a copy has to bring.</remarks>
public sealed class ReplicaComparison
{
    private readonly SortedDictionary<string, GenerationDifference> _generations = new(StringComparer.Ordinal);
    private readonly SortedDictionary<StreamName, StreamDifference> _streams = [];
    private readonly List<StoreObject> _root = [];
    private readonly List<StoreObject> _other = [];
    private readonly List<StoreObject> _strayLedger = [];
    private readonly List<ReplicaFinding> _findings = [];
    private readonly SortedSet<string> _withdrawn = new(StringComparer.Ordinal);
    private readonly List<(string Id, StoreObject? Here, StoreObject? There)> _keyFiles = [];
    private readonly List<(string Id, StoreObject Item)> _heldKeys = [];
    private readonly List<string> _strayKeys = [];
    private readonly WalWindow _window;

    private readonly Dictionary<string, ReplicaLack> _lacks = new(StringComparer.Ordinal);

    private ReplicaComparison() => _window = new WalWindow(AddMissing);

    /// <summary>Objects that count in the source: all but locks.</summary>
    public long Objects { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>What is left somewhere of a generation that is marked as expired is missed nowhere.</summary>
    public long MissingObjects => Missed.Sum(lack => lack.Objects);

    public long MissingBytes => Missed.Sum(lack => lack.Bytes);

    /// <summary>When the source took the oldest object that the target lacks; null when none is missing.</summary>
    public DateTimeOffset? OldestMissingAt => Missed.Min(lack => (DateTimeOffset?)lack.OldestAt);

    /// <summary>Generations that the target alone has: expired at the source, made at the target, or lost.</summary>
    public IReadOnlyList<string> OnlyInTarget =>
        [.. _generations.Where(pair => !pair.Value.IsInSource && pair.Value.IsInTarget).Select(pair => pair.Key)];

    /// <summary>Generations that the source alone has.</summary>
    public IReadOnlyList<string> OnlyInSource =>
        [.. _generations.Where(pair => pair.Value.IsInSource && !pair.Value.IsInTarget).Select(pair => pair.Key)];

    /// <summary>Generations that carry a mark of expiry in either place, whether or not it is a good one.</summary>
    public IReadOnlyList<string> Marked =>
        [.. _generations.Where(pair => pair.Value.IsMarked).Select(pair => pair.Key)];

    /// <summary>The target has this vault's descriptor.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Same name, other length.</summary>
    public IReadOnlyList<ReplicaFinding> Findings => _findings;

    /// <summary>Ids of keys of which a mark in either place says that they are withdrawn, whether or not it is a good one.</summary>
    public IReadOnlyCollection<string> Withdrawn => _withdrawn;

    /// <summary>Ids of the withdrawn keys whose files are in the source.</summary>
    public IReadOnlyList<string> WithdrawnInSource =>
        [.. _keyFiles.Where(file => IsOpening(file.Id, file.Here)).Select(file => file.Id)];

    /// <summary>Ids of the withdrawn keys whose files are in the target.</summary>
    public IReadOnlyList<string> WithdrawnInTarget =>
        [.. _keyFiles.Where(file => IsOpening(file.Id, file.There)).Select(file => file.Id)];

    /// <summary>Ids of keys that open the target and not the source, and no mark says that they are withdrawn: added there, or withdrawn before there were marks.</summary>
    public IReadOnlyList<string> StrayKeys =>
        [
            .. _keyFiles
                .Where(file => file.Here is null && !_withdrawn.Contains(file.Id) && IsKeyFile(file.There))
                .Select(file => file.Id),
        ];

    /// <summary>Something in the target may belong to a withdrawn key: its file, its record, or key files of generations that the source has not.</summary>
    internal bool HasWithdrawnFiles =>
        _withdrawn.Count > 0
        && (_strayKeys.Count > 0 || _keyFiles.Exists(file => file.There is not null && _withdrawn.Contains(file.Id)));

    /// <summary>Files and records of keys that the target lacks, of which a mark says that they are withdrawn: missed by nobody, if the mark is good.</summary>
    internal IReadOnlyList<(string Id, StoreObject Item)> HeldKeys => _heldKeys;

    /// <summary>Whether marks, good or not, decide about anything that the target lacks.</summary>
    internal bool HasHeldKeys =>
        _withdrawn.Count > 0
        && (
            _heldKeys.Count > 0
            || _generations.Values.Any(generation => generation.Keys.Exists(item => VaultObject.IsKeyFile(item.Key)))
        );

    /// <summary>Without the keys that are called withdrawn the target has one all the same, now or after a copy.</summary>
    internal bool HasKeyBeside(IReadOnlySet<string> withdrawn) =>
        _keyFiles.Exists(file => IsKeyFile(file.There) || (IsKeyFile(file.Here) && !withdrawn.Contains(file.Id)));

    internal IReadOnlyDictionary<string, GenerationDifference> Generations => _generations;

    internal IReadOnlyDictionary<StreamName, StreamDifference> Streams => _streams;

    /// <summary>Missing keys, guide and descriptor of the vault.</summary>
    internal IReadOnlyList<StoreObject> Root => _root;

    internal IReadOnlyList<StoreObject> Other => _other;

    internal IReadOnlyList<StoreObject> StrayLedger => _strayLedger;

    /// <summary>WAL that the source merged into larger objects meanwhile; it goes once those are in the target.</summary>
    internal IReadOnlyList<CoveredWal> CoveredWal => _window.Covered;

    /// <param name="source">Where the copy comes from.</param>
    /// <param name="target">May be empty.</param>
    public static Task<ReplicaComparison> RunAsync(IStore source, IStore target, CancellationToken cancellationToken) =>
        RunAsync(source, target, prefix: "", cancellationToken);

    /// <param name="source">Where the copy comes from.</param>
    /// <param name="target">May be empty.</param>
    /// <param name="prefix">Only what lies below it is compared.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    internal static async Task<ReplicaComparison> RunAsync(
        IStore source,
        IStore target,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        ReplicaComparison comparison = new();
        await foreach (var (here, there) in ListingJoin.RunAsync(source, target, prefix, cancellationToken))
            if (!VaultObject.IsPassing((here ?? there)?.Key ?? ""))
                comparison.Add(here, there);
        comparison._window.Close();
        foreach (var (id, here, there) in comparison._keyFiles)
            if (here is not null && there is null)
                comparison.AddKey(id, here);
        foreach (var stream in comparison._streams.Values)
        foreach (var item in stream.Finish())
            comparison.Count(item);
        return comparison;
    }

    /// <summary>The withdrawn keys that still open the target: their files are there, or older versions of them.</summary>
    /// <param name="target">That was compared.</param>
    /// <param name="cancellationToken">Stops the looking.</param>
    public Task<IReadOnlyList<WithdrawnKeyRemains>> FindWithdrawnAsync(
        IStore target,
        CancellationToken cancellationToken
    ) => WithdrawnKeyFiles.FindOpeningAsync(target, _withdrawn, cancellationToken);

    /// <summary>Streams of the ledger that go on in the target behind what the source has: it was written to while they were apart.</summary>
    /// <param name="source">That was compared.</param>
    /// <param name="cancellationToken">Stops the looking.</param>
    public async Task<IReadOnlyList<StreamName>> FindAheadAsync(IStore source, CancellationToken cancellationToken)
    {
        ConcurrentBag<StreamName> ahead = [];
        await Parallel.ForEachAsync(
            _streams,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = ForkSearch.LooksAtOnce,
                CancellationToken = cancellationToken,
            },
            async (pair, token) =>
            {
                // One that was written while the two were listed, and copied at once, is there by now.
                if (
                    pair.Value.LastBeyondSource is { } seq
                    && await source.HeadAsync(LedgerLayout.EntryKey(pair.Key, seq), token) is null
                )
                    ahead.Add(pair.Key);
            }
        );
        return [.. ahead.Order()];
    }

    /// <summary>How far the target is behind the source at <paramref name="now"/>.</summary>
    public ReplicaLag LagAt(DateTimeOffset now) =>
        new(MissingObjects, MissingBytes, OldestMissingAt is { } at && now > at ? now - at : TimeSpan.Zero);

    private void Add(StoreObject? here, StoreObject? there)
    {
        var key = (here ?? there)?.Key ?? "";
        var generation = VaultObject.GenerationOf(key);
        IsBegun |= key == VaultDescriptor.Key && there is not null;
        if (VaultObject.IsExpiryMark(key))
            DifferenceOf(generation).Mark(here);
        else if (generation.Length > 0)
            DifferenceOf(generation).Count(here, there);
        if (here is not null)
        {
            Objects++;
            Bytes += here.LengthBytes;
        }
        if (here is not null && there is not null && here.LengthBytes != there.LengthBytes)
            _findings.Add(
                new ReplicaFinding(
                    ReplicaFault.Differs,
                    key,
                    $"it has {here.LengthBytes} bytes in the one place and {there.LengthBytes} in the other"
                )
            );
        if (key.StartsWith(KeyWithdrawal.Prefix, StringComparison.Ordinal))
            _withdrawn.Add(key[KeyWithdrawal.Prefix.Length..]);
        if (VaultObject.FindKeyId(key) is { } id)
            _keyFiles.Add((id, here, there)); // whether it is withdrawn is known when all is listed
        else if (VaultObject.TryWalName(key, out var folder, out var name))
            _window.Add(folder, name, here, there);
        else if (VaultObject.FindLedgerObject(key) is { } entry)
            AddToStream(entry, here, there);
        else if (here is not null && there is null)
            AddMissing(here);
        else if (here is null && generation.Length > 0 && VaultObject.IsKeyFile(key))
            _strayKeys.Add(key);
    }

    private bool IsOpening(string id, StoreObject? file) => _withdrawn.Contains(id) && IsKeyFile(file);

    private static bool IsKeyFile(StoreObject? file) =>
        file?.Key.StartsWith(VaultKeys.Prefix, StringComparison.Ordinal) == true;

    private IEnumerable<ReplicaLack> Missed =>
        _lacks
            .Where(pair => !_generations.TryGetValue(pair.Key, out var generation) || !generation.IsMarked)
            .Select(pair => pair.Value);

    private void Count(StoreObject missing)
    {
        var part = VaultObject.IsExpiryMark(missing.Key) ? "" : VaultObject.GenerationOf(missing.Key);
        _lacks[part] = _lacks.TryGetValue(part, out var lack)
            ? lack.With(missing)
            : new ReplicaLack(1, missing.LengthBytes, missing.WrittenAt);
    }

    private void AddKey(string id, StoreObject item)
    {
        if (_withdrawn.Contains(id))
            _heldKeys.Add((id, item));
        else
            AddMissing(item);
    }

    private void AddMissing(StoreObject item)
    {
        Count(item);
        var generation = VaultObject.GenerationOf(item.Key);
        switch (VaultObject.PartOfVault(item.Key))
        {
            case VaultPart.Keys or VaultPart.Descriptor:
                _root.Add(item);
                break;
            case VaultPart.GenerationKeys or VaultPart.Config:
                DifferenceOf(generation).Keys.Add(item);
                break;
            case VaultPart.Packs:
                DifferenceOf(generation).MissingPacks++;
                break;
            case VaultPart.Wal:
                DifferenceOf(generation).Wal.Add(item);
                break;
            case VaultPart.Index:
                DifferenceOf(generation).Index.Add(item);
                break;
            case VaultPart.Snapshots:
                DifferenceOf(generation).Snapshots.Add(item);
                break;
            case VaultPart.Other:
                _other.Add(item);
                break;
            case VaultPart.Ledger:
                _strayLedger.Add(item); // of no stream
                break;
        }
    }

    private void AddToStream(LedgerObject entry, StoreObject? here, StoreObject? there)
    {
        switch (entry)
        {
            case LedgerObject.Tag(var stream):
                StreamOf(stream).AddTag(here, there);
                break;
            case LedgerObject.Segment(var stream, var first):
                StreamOf(stream).AddSegment(first, here, there);
                break;
            case LedgerObject.Single(var stream, var seq):
                StreamOf(stream).AddSingle(seq, here, there);
                break;
            case LedgerObject.Stray:
                if (here is not null && there is null)
                    AddMissing(here);
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"no way on is written for {entry}");
        }
    }

    private GenerationDifference DifferenceOf(string generation)
    {
        if (!_generations.TryGetValue(generation, out var difference))
            _generations.Add(generation, difference = new GenerationDifference());
        return difference;
    }

    private StreamDifference StreamOf(StreamName stream)
    {
        if (!_streams.TryGetValue(stream, out var difference))
            _streams.Add(stream, difference = new StreamDifference());
        return difference;
    }
}

/// <summary>How far a replica is behind.</summary>
/// <param name="Objects">That it lacks.</param>
/// <param name="Bytes">Of these.</param>
/// <param name="Age">How long the oldest of them has been in the primary: what the loss of the primary would cost now; zero for none.</param>
public sealed record ReplicaLag(long Objects, long Bytes, TimeSpan Age)
{
    public bool IsNone => Objects == 0;
}

/// <summary>What a part of the vault lacks in the target.</summary>
internal sealed record ReplicaLack(long Objects, long Bytes, DateTimeOffset OldestAt)
{
    public ReplicaLack With(StoreObject missing) =>
        new(Objects + 1, Bytes + missing.LengthBytes, missing.WrittenAt < OldestAt ? missing.WrittenAt : OldestAt);
}

/// <summary>What a generation of the source has and the target lacks.</summary>
internal sealed class GenerationDifference
{
    public bool IsInSource { get; private set; }

    public bool IsInTarget { get; private set; }

    /// <summary>Either place has a mark of its expiry.</summary>
    public bool IsMarked { get; private set; }

    public bool IsMarkedInSource { get; private set; }

    public List<StoreObject> Keys { get; } = [];

    public List<StoreObject> Wal { get; } = [];

    public List<StoreObject> Index { get; } = [];

    public List<StoreObject> Snapshots { get; } = [];

    public long MissingPacks { get; set; }

    public long TargetObjects { get; private set; }

    public long TargetBytes { get; private set; }

    public void Mark(StoreObject? here)
    {
        IsMarked = true;
        IsMarkedInSource |= here is not null;
    }

    public void Count(StoreObject? here, StoreObject? there)
    {
        IsInSource |= here is not null;
        if (there is null)
            return;
        IsInTarget = true;
        TargetObjects++;
        TargetBytes += there.LengthBytes;
    }
}

/// <summary>What a stream of the ledger has in the source and lacks in the target, and the entries that both have.</summary>
internal sealed class StreamDifference
{
    private readonly List<(long Seq, StoreObject Item)> _singles = [];
    private readonly HashSet<long> _joinedInTarget = [];

    public StoreObject? MissingTag { get; private set; }

    public List<StoreObject> MissingSegments { get; } = [];

    public List<StoreObject> MissingSingles { get; } = [];

    /// <summary>Numbers of the single entries that both have.</summary>
    private readonly List<long> _common = [];

    private (StoreObject Here, StoreObject There)? _end;
    private long _lastInSource;
    private long _lastInTarget;

    /// <summary>The last single entry that both have, as the listings describe it: once found the same it is, as long as this does not change. Null for none.</summary>
    public string? End =>
        _end is var (here, there)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{here.Key} {here.LengthBytes} {here.WrittenAt.UtcTicks} {there.LengthBytes} {there.WrittenAt.UtcTicks}"
            )
            : null;

    /// <summary>One of the two has more.</summary>
    public bool IsUneven => MissingSegments.Count + MissingSingles.Count > 0 || LastBeyondSource is not null;

    /// <summary>First numbers first, a segment before the single entries of it that are still there.</summary>
    public IReadOnlyList<StoreObject> MissingInOrder =>
        [
            .. MissingSegments
                .Concat(MissingSingles)
                .OrderBy(item =>
                    LedgerLayout.Read(item.Key) switch
                    {
                        LedgerObject.Segment(_, var first) => (first, 0L),
                        LedgerObject.Single(_, var seq) => (FirstOfSegment(seq), seq),
                        var none => throw new System.Diagnostics.UnreachableException($"{none} is of no stream"),
                    }
                ),
        ];

    /// <summary>Number of the target's last single entry, when the source's end is before it.</summary>
    public long? LastBeyondSource => _lastInTarget > _lastInSource ? _lastInTarget : null;

    public void AddTag(StoreObject? here, StoreObject? there)
    {
        if (there is null)
            MissingTag = here;
    }

    public void AddSegment(long first, StoreObject? here, StoreObject? there)
    {
        if (there is not null)
            _joinedInTarget.Add(first);
        else if (here is not null)
            MissingSegments.Add(here);
        if (here is not null)
            _lastInSource = Math.Max(_lastInSource, first + Ledger.SegmentEntries - 1);
    }

    public void AddSingle(long seq, StoreObject? here, StoreObject? there)
    {
        if (here is not null && there is not null)
        {
            _common.Add(seq);
            _end = (here, there);
        }
        else if (here is not null)
            _singles.Add((seq, here));
        if (here is not null)
            _lastInSource = Math.Max(_lastInSource, seq);
        if (there is not null)
            _lastInTarget = Math.Max(_lastInTarget, seq);
    }

    /// <returns>The first entry that differs; null when the last one that both have is the same, and with it all before it.</returns>
    public async Task<long?> FindForkAsync(
        IStore source,
        IStore target,
        StreamName stream,
        CancellationToken cancellationToken
    )
    {
        if (_common is not [.., var last] || await IsSameAsync(last))
            return null;
        var (same, different) = (-1, _common.Count - 1);
        while (different - same > 1)
        {
            var middle = same + ((different - same) / 2);
            if (await IsSameAsync(_common[middle]))
                same = middle;
            else
                different = middle;
        }
        return _common[different];

        async Task<bool> IsSameAsync(long seq)
        {
            var key = LedgerLayout.EntryKey(stream, seq);
            var inSource = source.FindAsync(key, cancellationToken);
            var inTarget = target.FindAsync(key, cancellationToken);
            await Task.WhenAll(inSource, inTarget);
            return await inSource is not { } here
                || await inTarget is not { } there
                || here.AsSpan().SequenceEqual(there);
        }
    }

    /// <summary>All was added: single entries that the target has joined already are not missing there.</summary>
    /// <returns>All that is missing.</returns>
    public IEnumerable<StoreObject> Finish()
    {
        foreach (var (seq, item) in _singles)
            if (!_joinedInTarget.Contains(FirstOfSegment(seq)))
                MissingSingles.Add(item);
        return (MissingTag is null ? [] : (StoreObject[])[MissingTag]).Concat(MissingSegments).Concat(MissingSingles);
    }

    private static long FirstOfSegment(long seq) => ((seq - 1) / Ledger.SegmentEntries * Ledger.SegmentEntries) + 1;
}
