using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>
/// What a recovering server has itself of a file that it asks for: it reads that where <c>restore_command</c> finds nothing. A
/// segment of its base backup may end in its middle, and one of the names to come may be an old segment that waits to be
/// written over: neither may be taken for all there is.
/// </summary>
internal static class KeptSegment
{
    private const int BlockBytes = 1 << 20;

    /// <summary>True for a segment from which recovery goes on to the next, and for a history.</summary>
    /// <param name="name">As PostgreSQL asks for it.</param>
    /// <param name="target">Where it wants the file: in its <c>pg_wal</c>.</param>
    public static bool IsWhole(string name, string target)
    {
        var kept = PathOf(name, target);
        return WalFileName.TryParseHistory(name, out _) ? File.Exists(kept) : Read(name, kept) is { IsWhole: true };
    }

    /// <summary>True when what was fetched to <paramref name="target"/> ends before what the server has.</summary>
    public static bool ReachesFurther(string name, string target)
    {
        var kept = PathOf(name, target);
        if (!File.Exists(kept) || Read(name, target) is not { IsWhole: false } fetched)
            return false;
        return Read(name, kept) is { } own && own.End > fetched.End;
    }

    private static string PathOf(string name, string target) =>
        Path.Combine(Path.GetDirectoryName(target) ?? "/", name);

    /// <returns>Null for what is no segment.</returns>
    private static (Lsn End, bool IsWhole)? Read(string name, string path)
    {
        FileInfo file = new(path);
        if (
            !file.Exists
            || !WalSegment.IsSize(file.Length)
            || !WalSegment.TryParse(name, (int)file.Length, out var segment)
        )
            return null;
        WalScanner scanner = new(segment.SizeBytes);
        var block = GC.AllocateUninitializedArray<byte>(BlockBytes);
        using var content = File.OpenHandle(path);
        for (var at = 0L; at < segment.SizeBytes && !scanner.HasEnded; at += BlockBytes)
            scanner.Add(segment.Start + (ulong)at, block.AsSpan(0, RandomAccess.Read(content, block, at)));
        return scanner.HasEnded ? (scanner.End ?? segment.Start, false) : (segment.End, true);
    }
}
