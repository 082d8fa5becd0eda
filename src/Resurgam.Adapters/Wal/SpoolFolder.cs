using Microsoft.Win32.SafeHandles;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Wal;

/// <summary>The files of a spool. Throws what the file system throws; <see cref="WalSpool"/> puts it in words.</summary>
internal sealed class SpoolFolder(string root, IWalForm form)
{
    private const string SparePrefix = "spare-";
    private const string TemporarySuffix = ".tmp";
    private const int PieceBytes = 1 << 20;

    public bool HasSpare => Spares().Length > 0;

    public string TimelineFolder(uint timeline) => Path.Combine(root, WalObjectName.Folder(timeline).TrimEnd('/'));

    public string PathOf(WalSegment segment) => Path.Combine(TimelineFolder(segment.Timeline), segment.FileName);

    public void CreateTimeline(uint timeline)
    {
        Directory.CreateDirectory(TimelineFolder(timeline));
        DirectorySync.Flush(root);
    }

    /// <summary>All segments, ascending by timeline and position. A file shorter than a segment ends where its WAL ends.</summary>
    public List<(WalSegment Segment, long LengthBytes)> List(int segmentSizeBytes)
    {
        List<(WalSegment Segment, long LengthBytes)> segments = [];
        foreach (var folder in Directory.EnumerateDirectories(root))
        foreach (var path in Directory.EnumerateFiles(folder))
            if (WalSegment.TryParse(Path.GetFileName(path), segmentSizeBytes, out var segment))
                segments.Add((segment, new FileInfo(path).Length));
        segments.Sort(
            (a, b) => (a.Segment.Timeline, a.Segment.Number).CompareTo((b.Segment.Timeline, b.Segment.Number))
        );
        return segments;
    }

    /// <summary>Whose stream this is, from the beginning of any file.</summary>
    public WalIdentity? FindIdentity()
    {
        foreach (var folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        foreach (
            var path in Directory.EnumerateFiles(folder).Where(p => Path.GetFileName(p).Length == WalSegment.NameLength)
        )
        {
            using var file = File.OpenHandle(path);
            var head = new byte[form.HeadBytes];
            if (RandomAccess.Read(file, head, 0) == head.Length && form.FindIdentity(head) is { } identity)
                return identity;
        }
        return null;
    }

    /// <summary>How far whole records reach in a file, and from where it is safe to ask the server again.</summary>
    /// <remarks>
    /// When the file begins in the middle of a record, the part of that record is not covered by any checksum here: it counts
    /// as there while the server is gone, and is asked for again when it is not.
    /// </remarks>
    public (Lsn End, Lsn ResumeAt) FindEnd(WalSegment segment)
    {
        using var file = File.OpenHandle(PathOf(segment));
        var scanner = form.NewScanner(segment.SizeBytes, segment.Timeline);
        var piece = new byte[PieceBytes];
        for (var at = 0L; at < segment.SizeBytes; )
        {
            var count = RandomAccess.Read(file, piece, at);
            if (count == 0)
                break;
            scanner.Add(segment.Start + (ulong)at, piece.AsSpan(0, count));
            at += count;
        }
        var end = scanner.WholeEnd ?? segment.Start;
        end = end < segment.End ? end : segment.End;
        return (end, scanner.BeganInsideRecord ? segment.Start : end);
    }

    /// <summary>Clears what follows the end of the WAL in a file, and syncs the file.</summary>
    public void TrimAndSync(WalSegment segment, Lsn end)
    {
        using var file = File.OpenHandle(PathOf(segment), FileMode.Open, FileAccess.ReadWrite);
        if (RandomAccess.GetLength(file) != segment.SizeBytes)
            RandomAccess.SetLength(file, segment.SizeBytes);
        WriteZeros(file, end > segment.Start ? (long)(end - segment.Start) : 0, segment.SizeBytes);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>No more will come: the length of the file tells from now on where its WAL ends.</summary>
    public void Cut(WalSegment segment, Lsn end)
    {
        var path = PathOf(segment);
        if (!File.Exists(path))
            return;
        if (end == segment.Start)
        {
            File.Delete(path);
            return;
        }
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.SetLength(file, (long)(end - segment.Start));
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Makes the file of a segment, of full length, so that a full disk shows here and not between two records.</summary>
    /// <param name="isWritten">Also writes its blocks, so that later syncs have no metadata to write.</param>
    public void Create(WalSegment segment, bool isWritten)
    {
        var path = PathOf(segment);
        var spare = Spares().FirstOrDefault(s => new FileInfo(s).Length == segment.SizeBytes);
        spare ??= MakeFile(path, segment.SizeBytes, isWritten);
        File.Move(spare, path);
        DirectorySync.Flush(TimelineFolder(segment.Timeline));
    }

    /// <summary>A file with its blocks written, for the next segment to come.</summary>
    public void MakeSpare(int sizeBytes)
    {
        var made = MakeFile(Path.Combine(root, "ahead"), sizeBytes, isWritten: true);
        File.Move(made, Path.Combine(root, SparePrefix + "ahead"));
    }

    /// <summary>Takes a file out of the row: it becomes a spare one, or goes.</summary>
    public void Retire(WalSegment segment, int maxSpares)
    {
        var path = PathOf(segment);
        if (Spares().Length < maxSpares && new FileInfo(path).Length == segment.SizeBytes)
            File.Move(path, Path.Combine(root, SparePrefix + segment.FileName), overwrite: true);
        else
            File.Delete(path);
    }

    public long LengthOf(WalSegment segment) => new FileInfo(PathOf(segment)).Length;

    public long SizeBytes() =>
        Directory
            .EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Sum(p => new FileInfo(p) is { Exists: true } file ? file.Length : 0); // one may become a spare meanwhile

    public void PutHistory(uint timeline, byte[] content)
    {
        var folder = TimelineFolder(timeline);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, WalFileName.OfHistory(timeline));
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return;
        var temporary = path + TemporarySuffix;
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }
        File.Move(temporary, path, overwrite: true);
        DirectorySync.Flush(folder);
        DirectorySync.Flush(root);
    }

    public IReadOnlyList<(uint Timeline, byte[] Content)> Histories()
    {
        List<(uint Timeline, byte[] Content)> histories = [];
        foreach (var path in Directory.EnumerateFiles(root, "*.history", SearchOption.AllDirectories))
            if (WalFileName.TryParseHistory(Path.GetFileName(path), out var timeline))
                histories.Add((timeline, File.ReadAllBytes(path)));
        histories.Sort((a, b) => a.Timeline.CompareTo(b.Timeline));
        return histories;
    }

    public void RemoveTemporary()
    {
        foreach (var path in Directory.EnumerateFiles(root, "*" + TemporarySuffix, SearchOption.AllDirectories))
            File.Delete(path);
    }

    private string[] Spares() => Directory.GetFiles(root, SparePrefix + "*");

    /// <returns>The temporary name that it has.</returns>
    private static string MakeFile(string path, int sizeBytes, bool isWritten)
    {
        var temporary = path + TemporarySuffix;
        try
        {
            using var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite);
            var errno = Native.Allocate(file, 0, sizeBytes);
            if (errno != 0)
                throw Errno.Of(errno, $"make room for {path}");
            if (isWritten)
                WriteZeros(file, 0, sizeBytes);
            RandomAccess.FlushToDisk(file);
            return temporary;
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteZeros(SafeFileHandle file, long from, long to)
    {
        var zeros = new byte[PieceBytes];
        for (var at = from; at < to; )
        {
            var count = (int)Math.Min(zeros.Length, to - at);
            RandomAccess.Write(file, zeros.AsSpan(0, count), at);
            at += count;
        }
    }
}
