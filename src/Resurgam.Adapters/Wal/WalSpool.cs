using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Wal;

/// <summary>WAL on this machine's disk between the server and the store: what is acknowledged lies here, synced.</summary>
/// <remarks>
/// <para>
/// <c>FOLDER/00000001/000000010000000000000002</c>, files of the server's segment size. One thread writes and syncs;
/// another one may list, read and remove at the same time.
/// </para>
/// <para>
/// A file that went to the store is used again under another name, as the server itself does it: its blocks are there, so a
/// sync has no metadata to write. What of a file is WAL and what is left from before is told by the records themselves.
/// </para>
/// </remarks>
public sealed class WalSpool : IDisposable
{
    /// <summary>Shipped files kept for the next segments.</summary>
    private const int MaxSpares = 2;

    /// <summary>A larger segment is not made ahead: what is due would wait for the shipper to write it.</summary>
    private const int MaxAheadBytes = 64 << 20;

    /// <summary>What flock says when another process holds the lock.</summary>
    private const int WouldBlock = 11;

    private readonly string _folder;
    private readonly SpoolFolder _files;
    private readonly FileStream _lock;
    private SafeFileHandle? _file;
    private WalSegment _segment;
    private bool _isDirty;
    private volatile SpoolPosition? _position;

    private WalSpool(string folder, IWalForm form, FileStream fileLock)
    {
        (_folder, _lock) = (folder, fileLock);
        _files = new SpoolFolder(folder, form);
    }

    /// <summary>The most that the spool may take; null: all that the disk has.</summary>
    public ByteSize? Limit { get; init; }

    /// <summary>A new file is then made at once instead of with all its blocks written, which pays off only for a live stream.</summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>Where writing stands; null while nothing was ever written.</summary>
    public SpoolPosition? Position => _position;

    /// <summary>Whose WAL this is; null while there is none.</summary>
    public WalIdentity? Identity { get; private set; }

    /// <summary><see cref="Position"/>, where writing has begun.</summary>
    internal SpoolPosition Here => Position ?? throw new UnreachableException("the spool is written from a position");

    /// <summary><see cref="Identity"/>, where it is known.</summary>
    internal WalIdentity Cluster => Identity ?? throw new UnreachableException("the cluster is known before its WAL");

    /// <summary>Opens the spool for this process alone, finds the end of what is whole, and syncs it.</summary>
    /// <exception cref="ResurgamException">Another process has it, or the disk fails.</exception>
    public static WalSpool Open(string folder, IWalForm form, ByteSize? limit = null)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var spool = new WalSpool(folder, form, TakeLock(folder)) { Limit = limit };
            spool.Recover();
            return spool;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SpoolFailed(folder, e);
        }
    }

    /// <summary>The cluster that all further WAL comes from.</summary>
    public void Expect(WalIdentity identity)
    {
        if (Identity is { } known && known != identity)
            throw WalProblems.ForeignSystem($"the spool {_folder}", identity.SystemIdentifier, known.SystemIdentifier);
        Identity = identity;
    }

    /// <summary>Goes on writing here: at the beginning of a segment, or at a position up to which WAL is there already.</summary>
    public void BeginAt(uint timeline, Lsn at)
    {
        Require.That(Identity is not null, "the cluster is known before its WAL is written");
        CloseFile();
        var segment = WalSegment.At(timeline, at, Identity.SegmentSizeBytes);
        var isKnown = _position is { } p && p.Timeline == timeline && at <= p.Durable && at >= segment.Start;
        Require.That(at == segment.Start || isKnown, "a segment is written from its beginning");
        Guard(() => _files.CreateTimeline(timeline));
        if (
            _position is { } left
            && WalSegment.At(left.Timeline, left.Durable, segment.SizeBytes) is var old
            && old != segment
        )
            Guard(() => _files.Cut(old, left.Durable));
        // Behind the position there may be bytes that were never synced: they come again.
        _position = new SpoolPosition(timeline, at, at);
        if (at != segment.Start)
            Guard(() => OpenFile(segment));
    }

    /// <summary>Hands bytes to the operating system. A segment that they fill is synced before the next one is begun.</summary>
    /// <exception cref="ResurgamException">The disk is full or fails: nothing beyond the synced position may be acknowledged.</exception>
    public void Write(Lsn start, ReadOnlySpan<byte> bytes)
    {
        Require.That(_position is not null && start == _position.Written, "WAL comes without a gap");
        try
        {
            while (!bytes.IsEmpty)
            {
                var at = _position.Written;
                var segment = WalSegment.At(_position.Timeline, at, Cluster.SegmentSizeBytes);
                var file = _file is not null && segment == _segment ? _file : OpenFile(segment);
                var count = (int)Math.Min((ulong)bytes.Length, segment.End - at);
                RandomAccess.Write(file, bytes[..count], (long)(at - segment.Start));
                _isDirty = true;
                _position = _position with { Written = at + (ulong)count };
                if (_position.Written == segment.End)
                    Sync();
                bytes = bytes[count..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SpoolFailed(_folder, e);
        }
    }

    /// <summary>Makes all that was written durable.</summary>
    /// <exception cref="ResurgamException">The disk fails. What was not durable before must then be written again.</exception>
    public void Sync()
    {
        if (!_isDirty || _file is null || _position is null)
            return;
        if (Native.FsyncData(_file) < 0)
            throw SpoolFailed(_folder, Errno.Last($"sync {_files.PathOf(_segment)}"));
        _isDirty = false;
        _position = _position with { Durable = _position.Written };
    }

    /// <summary>What is here and durable, oldest first: for the shipper.</summary>
    public IReadOnlyList<SpooledSegment> List()
    {
        if (Identity is not { } identity || _position is not { } position)
            return [];
        List<SpooledSegment> segments = [];
        foreach (var (segment, lengthBytes) in Guard(() => _files.List(identity.SegmentSizeBytes)))
        {
            var isOpen = segment.Timeline == position.Timeline && segment.End > position.Durable;
            var end = isOpen ? position.Durable : segment.Start + (ulong)lengthBytes;
            if (end > segment.Start)
                segments.Add(new SpooledSegment(segment, end, !isOpen));
        }
        return segments;
    }

    /// <summary>Reads bytes of a segment that are durable.</summary>
    public void Read(WalSegment segment, Lsn start, Span<byte> buffer)
    {
        try
        {
            using var file = File.OpenHandle(_files.PathOf(segment), share: FileShare.ReadWrite);
            for (var at = (long)(start - segment.Start); !buffer.IsEmpty; )
            {
                var count = RandomAccess.Read(file, buffer, at);
                Require.That(count > 0, "a segment in the spool has its full length");
                at += count;
                buffer = buffer[count..];
            }
        }
        catch (IOException e)
        {
            throw SpoolFailed(_folder, e);
        }
    }

    /// <summary>Lets go of a segment that is whole in the store.</summary>
    public void Remove(WalSegment segment) => Guard(() => _files.Retire(segment, MaxSpares));

    /// <summary>One file lies ready for the next segment of a live stream: no commit waits until it is made. For the shipper.</summary>
    public void KeepSpare()
    {
        if (IsCatchingUp || Identity is not { SegmentSizeBytes: <= MaxAheadBytes and var sizeBytes })
            return;
        try
        {
            // Room for what is written comes first.
            if (!_files.HasSpare && (Limit is not { } limit || _files.SizeBytes() + 2L * sizeBytes <= limit.Bytes))
                _files.MakeSpare(sizeBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The segment that needs a file makes its own, and says what is wrong.
        }
    }

    /// <summary>Bytes on disk, the spare files included.</summary>
    public ByteSize Size => new(Guard(() => _files.SizeBytes()));

    /// <summary>Keeps the history of a timeline, durable, byte for byte.</summary>
    public void PutHistory(uint timeline, byte[] content) => Guard(() => _files.PutHistory(timeline, content));

    /// <summary>The histories that were put, ascending by timeline.</summary>
    public IReadOnlyList<(uint Timeline, byte[] Content)> Histories() => Guard(_files.Histories);

    public void Dispose()
    {
        CloseFile();
        _lock.Dispose();
    }

    private static FileStream TakeLock(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw SpoolProblems.SpoolInUse(folder, e);
        }
    }

    /// <summary>A file is synced before the next one of its timeline is begun: only one without a successor can be torn.</summary>
    private void Recover()
    {
        _files.RemoveTemporary();
        if (_files.FindIdentity() is not { } identity)
            return;
        Identity = identity;
        var files = _files.List(identity.SegmentSizeBytes);
        for (var i = 0; i < files.Count; i++)
        {
            var (segment, lengthBytes) = files[i];
            if (lengthBytes < segment.SizeBytes || (i + 1 < files.Count && files[i + 1].Segment == segment.Next))
                continue;
            var (end, resumeAt) = _files.FindEnd(segment);
            if (i + 1 < files.Count)
            {
                _files.Cut(segment, end);
                continue;
            }
            // A killed process left its bytes in the page cache: they count only once they are synced.
            _files.TrimAndSync(segment, end);
            _position = new SpoolPosition(segment.Timeline, end, end) { ResumeAt = resumeAt };
        }
        if (_position is null && files is [.., var last])
            _position = End(last.Segment, last.Segment.Start + (ulong)last.LengthBytes);

        static SpoolPosition End(WalSegment segment, Lsn at) => new(segment.Timeline, at, at);
    }

    private SafeFileHandle OpenFile(WalSegment segment)
    {
        CloseFile();
        if (!File.Exists(_files.PathOf(segment)))
        {
            if (Limit is { } limit && _files.SizeBytes() + segment.SizeBytes > limit.Bytes && !_files.HasSpare)
                throw SpoolProblems.SpoolFull(_folder, $"it has reached its limit of {limit}", null);
            _files.Create(segment, isWritten: !IsCatchingUp);
        }
        else if (_files.LengthOf(segment) != segment.SizeBytes && _position is { } position)
        {
            _files.TrimAndSync(segment, position.Durable); // it was cut, and goes on after all
        }
        _file = File.OpenHandle(_files.PathOf(segment), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        _segment = segment;
        return _file;
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
        _isDirty = false;
    }

    private void Guard(Action work) =>
        Guard(() =>
        {
            work();
            return true;
        });

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SpoolFailed(_folder, e);
        }
    }

    private static ResurgamException SpoolFailed(string folder, Exception e) =>
        e is IOException io && Errno.IsNoSpace(io)
            ? SpoolProblems.SpoolFull(folder, "the disk has no room left", e)
            : SpoolProblems.SpoolFailed(folder, e);
}

/// <param name="Timeline">The timeline that is written.</param>
/// <param name="Written">Behind the last byte that the operating system has.</param>
/// <param name="Durable">Behind the last byte that survives a power cut.</param>
public sealed record SpoolPosition(uint Timeline, Lsn Written, Lsn Durable)
{
    /// <summary>Where to ask the server again after a restart; null: at <see cref="Durable"/>.</summary>
    public Lsn? ResumeAt { get; init; }
}

/// <param name="Segment">Which segment.</param>
/// <param name="End">Up to here it is durable.</param>
/// <param name="IsClosed">No more will come.</param>
public sealed record SpooledSegment(WalSegment Segment, Lsn End, bool IsClosed);
