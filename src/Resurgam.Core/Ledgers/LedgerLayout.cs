using System.Globalization;

namespace Resurgam.Core.Ledgers;

/// <summary>Where the ledger lies in a store: docs/formats/ledger.md.</summary>
internal static class LedgerLayout
{
    public const string Prefix = "ledger/";
    private const string Segments = "segments";
    private const string Streams = "streams";

    /// <summary>Names the streams, so that listing them needs no list of all entries.</summary>
    public const string TagPrefix = Prefix + Streams + "/";

    public static string TagKey(StreamName stream) => TagPrefix + stream;

    public static string EntryPrefix(StreamName stream) => $"{Prefix}{stream}/";

    public static string EntryKey(StreamName stream, long seq) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{stream}/{seq:D12}");

    public static string SegmentPrefix(StreamName stream) => $"{Prefix}{Segments}/{stream}/";

    /// <param name="firstSeq">Of the segment's first entry.</param>
    public static string SegmentKey(StreamName stream, long firstSeq) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Segments}/{stream}/{firstSeq:D12}");

    /// <summary>What a key below <see cref="Prefix"/> is.</summary>
    public static LedgerObject Read(string key)
    {
        var parts = key[Prefix.Length..].Split('/');
        return parts switch
        {
            [Streams, var name] when StreamName.TryParse(name, out var stream) => new LedgerObject.Tag(stream),
            [Segments, var name, var seq]
                when StreamName.TryParse(name, out var stream) && TrySeq(seq, out var first) =>
                new LedgerObject.Segment(stream, first),
            [var name, var seq] when StreamName.TryParse(name, out var stream) && TrySeq(seq, out var number) =>
                new LedgerObject.Single(stream, number),
            _ => new LedgerObject.Stray(key),
        };
    }

    private static bool TrySeq(string text, out long seq) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seq) && text.Length == 12 && seq > 0;
}

internal abstract record LedgerObject
{
    private LedgerObject() { }

    public sealed record Tag(StreamName Stream) : LedgerObject;

    public sealed record Segment(StreamName Stream, long First) : LedgerObject;

    public sealed record Single(StreamName Stream, long Seq) : LedgerObject;

    /// <summary>Not ours.</summary>
    public sealed record Stray(string Key) : LedgerObject;
}
