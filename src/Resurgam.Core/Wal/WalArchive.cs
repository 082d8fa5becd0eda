using System.Collections.Concurrent;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Wal;

/// <summary>The WAL of one cluster in the generations of a vault. Thread-safe.</summary>
/// <remarks>
/// Objects are stretches of a timeline that never cross a multiple of 16 MiB. They may overlap: a stream that starts again
/// sends again, and a merged object covers what it replaces until that is deleted, or for ever where a store refuses
/// deletes. All of them tell the same bytes, so a reader takes the longest.
/// </remarks>
/// <param name="asset">Its name in the plan; a folder below each place.</param>
/// <param name="places">One a generation, newest last. New objects go to the newest.</param>
public sealed class WalArchive(string asset, IReadOnlyList<WalPlace> places)
{
    /// <summary>How often a reader starts over because a writer merged objects under its hands.</summary>
    private const int MaxListings = 6;

    /// <summary>To seal in; as many as were ever sealed at once.</summary>
    private readonly ConcurrentBag<byte[]> _buffers = [];

    private volatile WalIdentity? _identity;

    /// <summary>Where the last whole object was found: the next one is there as a rule.</summary>
    private volatile int _lastPlace = Math.Max(0, places.Count - 1);

    public string Asset => asset;

    /// <summary>Every object that is opened or put from now on must come from this cluster.</summary>
    /// <exception cref="ResurgamException">Another cluster's WAL was seen here already.</exception>
    public void Expect(WalIdentity identity)
    {
        if (_identity is { } known && known != identity)
            throw WalProblems.ForeignSystem(
                $"the WAL of {asset} in the vault",
                identity.SystemIdentifier,
                known.SystemIdentifier
            );
        _identity = identity;
    }

    /// <summary>Whose WAL is stored here, from the first object found; null while there is none.</summary>
    public async Task<WalIdentity?> FindIdentityAsync(CancellationToken cancellationToken)
    {
        if (_identity is { } known)
            return known;
        ResurgamException? damage = null;
        foreach (var place in places.Reverse())
        await foreach (var item in place.Store.ListAsync(KeyOf(place, ""), cancellationToken))
        {
            try
            {
                if (await FindAsync(place, item.Key, cancellationToken) is { } fragment)
                    return _identity = new WalIdentity(fragment.SystemIdentifier, fragment.SegmentSizeBytes);
            }
            catch (ResurgamException e) when (e.Problem.Code == WalProblems.DamagedCode)
            {
                damage ??= e; // any other object tells it as well
            }
        }
        return damage is null ? null : throw damage;
    }

    /// <summary>Stores a stretch of WAL. One that is there already is no error when it holds the same bytes.</summary>
    public async Task PutFragmentAsync(WalFragment fragment, CancellationToken cancellationToken)
    {
        var windowEnd = ((fragment.Start.Value / WalFragment.MaxBytes) + 1) * WalFragment.MaxBytes;
        Require.That(
            fragment is { IsHistory: false, Bytes.Length: > 0 } && fragment.End.Value <= windowEnd,
            "a WAL object holds something and stays inside its 16 MiB"
        );
        await PutAsync(
            new WalObjectName(fragment.Timeline, fragment.Start, fragment.Bytes.Length).ToString(),
            fragment,
            cancellationToken
        );
    }

    /// <summary>Stores a stretch of WAL, a whole segment as a rule, and deletes the smaller objects that it covers.</summary>
    /// <returns>How many of those the store did not let go of. They do no harm.</returns>
    public async Task<int> PutSegmentAsync(WalFragment segment, CancellationToken cancellationToken)
    {
        await PutFragmentAsync(segment, cancellationToken);
        return await DeleteCoveredAsync(
            new WalObjectName(segment.Timeline, segment.Start, segment.Bytes.Length),
            cancellationToken
        );
    }

    /// <summary>Deletes what lies wholly inside an object that is stored.</summary>
    public async Task<int> DeleteCoveredAsync(WalObjectName cover, CancellationToken cancellationToken)
    {
        var left = 0;
        // A generation is a month: the fragments of one segment lie in this one or the one before.
        foreach (var place in places.TakeLast(2))
        {
            var covered = await ListWindowAsync(place, cover.Timeline, cover.Start, cancellationToken);
            covered.RemoveAll(o => o.Name == cover || o.Name.Start < cover.Start || o.Name.End > cover.End);
            left += await DeleteAsync(covered, cancellationToken);
        }
        return left;
    }

    /// <summary>Stores <c>NNNNNNNN.history</c>, byte for byte.</summary>
    public Task PutHistoryAsync(uint timeline, byte[] content, CancellationToken cancellationToken)
    {
        Require.That(_identity is not null, "the cluster is known before its histories are stored");
        var fragment = new WalFragment
        {
            SystemIdentifier = _identity.SystemIdentifier,
            SegmentSizeBytes = _identity.SegmentSizeBytes,
            Timeline = timeline,
            Start = default,
            Bytes = content,
            IsHistory = true,
        };
        return PutAsync(WalObjectName.Folder(timeline) + WalObjectName.History, fragment, cancellationToken);
    }

    /// <returns>The content of <c>NNNNNNNN.history</c>, or null when there is none.</returns>
    public async Task<byte[]?> FindHistoryAsync(uint timeline, CancellationToken cancellationToken)
    {
        foreach (var place in places.Reverse())
        {
            var key = KeyOf(place, WalObjectName.Folder(timeline) + WalObjectName.History);
            if (await FindAsync(place, key, cancellationToken) is { } history)
                return history.Bytes.ToArray();
        }
        return null;
    }

    /// <summary>The timelines with anything stored, ascending.</summary>
    public async Task<IReadOnlyList<uint>> ListTimelinesAsync(CancellationToken cancellationToken)
    {
        SortedSet<uint> timelines = [];
        foreach (var place in places)
        {
            var root = KeyOf(place, "");
            await foreach (var item in place.Store.ListAsync(root, cancellationToken))
                if (
                    item.Key.Length > root.Length + 8
                    && WalSegment.TryHex(item.Key.AsSpan(root.Length, 8), out var found)
                )
                    timelines.Add(found);
        }
        return [.. timelines];
    }

    /// <summary>What is stored, from one listing of every generation.</summary>
    public async Task<WalCoverage> CoverageAsync(CancellationToken cancellationToken)
    {
        var objects = await ListObjectsAsync(cancellationToken);
        return new WalCoverage(objects.Select(each => each.Name));
    }

    /// <summary>Every object of every timeline, and when the store took it.</summary>
    public async Task<IReadOnlyList<(WalObjectName Name, DateTimeOffset StoredAt)>> ListObjectsAsync(
        CancellationToken cancellationToken
    )
    {
        List<(WalObjectName Name, DateTimeOffset StoredAt)> objects = [];
        foreach (var place in places)
        {
            var root = KeyOf(place, "");
            await foreach (var item in place.Store.ListAsync(root, cancellationToken))
                if (WalObjectName.TryParse(item.Key.AsSpan(root.Length), out var name))
                    objects.Add((name, item.WrittenAt));
        }
        return objects;
    }

    /// <summary>What is stored of one window of 16 MiB.</summary>
    public async Task<WalCoverage> WindowCoverageAsync(uint timeline, Lsn at, CancellationToken cancellationToken) =>
        new((await ListWindowAsync(timeline, at, cancellationToken)).Select(o => o.Name));

    /// <summary>Reads a segment: whole, or as far as there is WAL without a gap from its first byte on, then zeros.</summary>
    /// <returns>Null when not even its first byte is stored.</returns>
    /// <exception cref="ResurgamException">An object that is needed is damaged or belongs to another cluster.</exception>
    public async Task<WalSegmentContent?> ReadSegmentAsync(
        uint timeline,
        ulong number,
        CancellationToken cancellationToken
    )
    {
        var content = await ReadToDamageAsync(timeline, number, default, cancellationToken);
        return content?.Missing is { } missing ? throw new ResurgamException(missing.Problem) : content;
    }

    /// <summary>As <see cref="ReadSegmentAsync"/>, but a damaged object ends what is read, even with nothing before it.</summary>
    /// <param name="timeline">Of the segment.</param>
    /// <param name="number">Of the segment.</param>
    /// <param name="room">Where its bytes may go, to spare the memory; they may come elsewhere all the same.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ResurgamException">All objects are damaged, or one that is needed belongs to another cluster.</exception>
    public async Task<WalSegmentContent?> ReadToDamageAsync(
        uint timeline,
        ulong number,
        Memory<byte> room,
        CancellationToken cancellationToken
    )
    {
        if (await FindIdentityAsync(cancellationToken) is not { } identity)
            return null;
        var segment = new WalSegment(timeline, number, identity.SegmentSizeBytes);
        var partBytes = Math.Min(segment.SizeBytes, WalFragment.MaxBytes);
        if (partBytes == segment.SizeBytes)
        {
            var whole = await ReadPartAsync(timeline, segment.Start, partBytes, room, cancellationToken);
            return whole is { } part ? new WalSegmentContent(segment, part.Bytes, part.End, part.Missing) : null;
        }

        var bytes = new byte[segment.SizeBytes];
        for (var at = 0; at < segment.SizeBytes; at += partBytes)
        {
            var start = segment.Start + (ulong)at;
            if (await ReadPartAsync(timeline, start, partBytes, default, cancellationToken) is not { } part)
                return at == 0 ? null : new WalSegmentContent(segment, bytes, start);
            part.Bytes.CopyTo(bytes.AsMemory(at));
            if (part.End < start + (ulong)partBytes)
                return new WalSegmentContent(segment, bytes, part.End, part.Missing);
        }
        return new WalSegmentContent(segment, bytes, segment.End);
    }

    /// <summary>
    /// Looks behind a position that is not stored: when there is more, it is not the end of the WAL but a hole, and recovery
    /// must not take it for the end.
    /// </summary>
    /// <param name="timeline">The timeline that is read.</param>
    /// <param name="from">The first position that could not be read.</param>
    /// <param name="descendants">Timelines that the recovery is on its way to; they need this one up to where they left it.</param>
    /// <returns>Null at the end, and when the position is stored by now.</returns>
    public async Task<WalRange?> FindGapAsync(
        uint timeline,
        Lsn from,
        IEnumerable<uint> descendants,
        CancellationToken cancellationToken
    )
    {
        var coverage = await CoverageAsync(cancellationToken);
        var end = coverage.Find(timeline)?.End ?? from;
        foreach (var descendant in descendants)
            if (
                await FindHistoryAsync(descendant, cancellationToken) is { } content
                && TimelineHistory.Parse(descendant, content).LeftAt(timeline) is { } leftAt
                && leftAt > end
            )
                end = leftAt;
        if (end <= from)
            return null;
        var missing = coverage.MissingOf([new WalRange(timeline, from, end)]);
        return missing.Count > 0 && missing[0].Start == from ? missing[0] : null;
    }

    private async Task<(ReadOnlyMemory<byte> Bytes, Lsn End, MissingWal? Missing)?> ReadPartAsync(
        uint timeline,
        Lsn start,
        int lengthBytes,
        Memory<byte> room,
        CancellationToken cancellationToken
    )
    {
        var name = new WalObjectName(timeline, start, lengthBytes);
        for (var index = _lastPlace; index < Math.Min(_lastPlace + 2, places.Count); index++)
        {
            if (await FindIntactAsync(places[index], name, room, cancellationToken) is not { } whole)
                continue;
            _lastPlace = index;
            return (whole.Bytes, name.End, null);
        }
        var bytes = new byte[lengthBytes];
        var (end, missing) = await PieceTogetherAsync(name, bytes, cancellationToken);
        return end == start && missing is null ? null : (bytes, end, missing);
    }

    /// <summary>Fills <paramref name="bytes"/> from whatever covers it, longest first.</summary>
    private async Task<(Lsn End, MissingWal? Missing)> PieceTogetherAsync(
        WalObjectName part,
        byte[] bytes,
        CancellationToken cancellationToken
    )
    {
        var at = part.Start;
        HashSet<string> unusable = [];
        Problem? damage = null;
        DateTimeOffset? lastCommitAt = null;
        for (var listings = 1; ; listings++)
        {
            var objects = await ListWindowAsync(part.Timeline, part.Start, cancellationToken);
            while (at < part.End && Longest(objects, at, unusable) is { } found)
            {
                WalFragment? fragment = null;
                try
                {
                    fragment = await FindAsync(found.Place, found.Key, cancellationToken);
                }
                catch (ResurgamException e) when (e.Problem.Code == WalProblems.DamagedCode)
                {
                    damage ??= e.Problem; // told below, unless other objects tell the same bytes
                }
                if (fragment is null)
                {
                    unusable.Add(found.Key);
                    continue;
                }
                var skipped = (int)(at - fragment.Start);
                var count = (int)((fragment.End < part.End ? fragment.End : part.End) - at);
                fragment.Bytes.Slice(skipped, count).CopyTo(bytes.AsMemory((int)(at - part.Start)));
                at += (ulong)count;
                lastCommitAt = fragment.LastCommitAt ?? lastCommitAt;
            }
            var behind = objects.FindAll(o => o.Name.End > at && unusable.Contains(o.Key));
            if (at == part.End || behind.Count == 0)
                return (at, null);
            if (damage is not null)
            {
                WalRange range = new(part.Timeline, at, behind.Max(o => o.Name.End));
                return (at, new MissingWal(range, damage) { LastCommitAt = lastCommitAt });
            }
            if (listings == MaxListings)
                throw WalProblems.Vanished(part.ToString());
            unusable.Clear(); // what vanished was merged: the next listing shows into what
        }
    }

    private static StoredObject? Longest(List<StoredObject> objects, Lsn at, HashSet<string> unusable) =>
        objects
            .Where(o => o.Name.Start <= at && at < o.Name.End && !unusable.Contains(o.Key))
            .MaxBy(o => o.Name.End.Value);

    /// <summary>The whole object of that name; null when there is none or it is damaged, for then the rest may still serve.</summary>
    private async Task<WalFragment?> FindIntactAsync(
        WalPlace place,
        WalObjectName name,
        Memory<byte> room,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await FindAsync(place, KeyOf(place, name.ToString()), room, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Code == WalProblems.DamagedCode)
        {
            return null; // PieceTogetherAsync meets it again and throws when nothing else covers it
        }
    }

    private Task<WalFragment?> FindAsync(WalPlace place, string key, CancellationToken cancellationToken) =>
        FindAsync(place, key, default, cancellationToken);

    private async Task<WalFragment?> FindAsync(
        WalPlace place,
        string key,
        Memory<byte> room,
        CancellationToken cancellationToken
    )
    {
        if (await place.Store.FindAsync(key, cancellationToken) is not { } sealedBytes)
            return null;
        var fragment = WalFragment.Open(sealedBytes, place.Key, key, room);
        if (KeyOf(place, fragment.ObjectName) != key)
            throw WalProblems.Damaged(key, $"it holds {fragment.ObjectName}");
        if (_identity is { } identity && identity.SystemIdentifier != fragment.SystemIdentifier)
            throw WalProblems.ForeignSystem(key, identity.SystemIdentifier, fragment.SystemIdentifier);
        return fragment;
    }

    private async Task PutAsync(string name, WalFragment fragment, CancellationToken cancellationToken)
    {
        var identity = new WalIdentity(fragment.SystemIdentifier, fragment.SegmentSizeBytes);
        if (_identity is null && await FindIdentityAsync(cancellationToken) is null)
            _identity = identity;
        Expect(identity);

        var place = places.Count > 0 ? places[^1] : throw WalProblems.NoPlace(asset);
        var key = KeyOf(place, name);
        var buffer = Rent(WalFragment.MostSealedBytes(fragment.Bytes.Length));
        try
        {
            var sealedBytes = fragment.Seal(place.Key, buffer);
            if (await place.Store.PutAsync(key, sealedBytes, cancellationToken))
                return;
            var there = await place.Store.FindAsync(key, cancellationToken) ?? throw WalProblems.Vanished(key);
            if (there.AsSpan().SequenceEqual(sealedBytes.Span))
                return;
            if (!WalFragment.Open(there, place.Key, key).Bytes.Span.SequenceEqual(fragment.Bytes.Span))
                throw WalProblems.Conflict(key);
        }
        finally
        {
            _buffers.Add(buffer);
        }
    }

    private byte[] Rent(int leastBytes) =>
        _buffers.TryTake(out var buffer) && buffer.Length >= leastBytes
            ? buffer
            : GC.AllocateUninitializedArray<byte>(leastBytes);

    private static async Task<int> DeleteAsync(List<StoredObject> objects, CancellationToken cancellationToken)
    {
        for (var i = 0; i < objects.Count; i++)
        {
            try
            {
                await objects[i].Place.Store.DeleteAsync(objects[i].Key, cancellationToken);
            }
            catch (ResurgamException)
            {
                // A store under object lock refuses: what is covered may stay, and asking for each one is in vain.
                return objects.Count - i;
            }
        }
        return 0;
    }

    private async Task<List<StoredObject>> ListWindowAsync(uint timeline, Lsn at, CancellationToken cancellationToken)
    {
        List<StoredObject> objects = [];
        foreach (var place in places)
            objects.AddRange(await ListWindowAsync(place, timeline, at, cancellationToken));
        return objects;
    }

    private async Task<List<StoredObject>> ListWindowAsync(
        WalPlace place,
        uint timeline,
        Lsn at,
        CancellationToken cancellationToken
    )
    {
        List<StoredObject> objects = [];
        var root = KeyOf(place, "");
        var prefix = root + WalObjectName.WindowPrefix(timeline, at);
        await foreach (var item in place.Store.ListAsync(prefix, cancellationToken))
            if (WalObjectName.TryParse(item.Key.AsSpan(root.Length), out var name))
                objects.Add(new StoredObject(place, item.Key, name));
        return objects;
    }

    private string KeyOf(WalPlace place, string name) => $"{place.Prefix}{asset}/{name}";

    private sealed record StoredObject(WalPlace Place, string Key, WalObjectName Name);
}

/// <summary>What all WAL of one cluster has in common.</summary>
public sealed record WalIdentity(ulong SystemIdentifier, int SegmentSizeBytes);

/// <param name="Segment">Which segment this is.</param>
/// <param name="Bytes">All of its bytes; zeros from <paramref name="RealEnd"/> on.</param>
/// <param name="RealEnd">The end of the segment, or where the stored WAL ends inside it.</param>
/// <param name="Missing">What is damaged from there on; null: nothing is stored there.</param>
public sealed record WalSegmentContent(
    WalSegment Segment,
    ReadOnlyMemory<byte> Bytes,
    Lsn RealEnd,
    MissingWal? Missing = null
)
{
    public bool IsWhole => RealEnd == Segment.End;
}
