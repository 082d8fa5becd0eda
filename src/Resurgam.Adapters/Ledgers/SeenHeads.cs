using System.Globalization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Ledgers;

/// <summary>
/// The last entry of each stream that this machine saw: a witness against a store that drops its last entries or shows
/// other ones. A cache: without it the daily anchors are the only witnesses.
/// </summary>
/// <param name="path">Absolute; a line <c>stream seq hash</c> each; of a stream the furthest counts.</param>
/// <param name="entropy">For temporary names.</param>
public sealed class SeenHeads(string path, IEntropy entropy) : IHeadWitness
{
    public string Path => path;

    /// <returns>What can be read; lines that are damaged count as never seen.</returns>
    public IReadOnlyList<LedgerHead> Read() => [.. CacheFile.Read(path).Select(TryParse).OfType<LedgerHead>()];

    public LedgerHead? Find(StreamName stream) =>
        CacheFile
            .Read(path)
            .Where(line => line.StartsWith($"{stream} ", StringComparison.Ordinal))
            .Select(TryParse)
            .OfType<LedgerHead>()
            .MaxBy(head => head.Seq);

    /// <summary>Adds what was seen now; of a stream the further entry stays.</summary>
    public void Add(IEnumerable<LedgerHead> heads)
    {
        var further = Read()
            .Concat(heads)
            .Where(head => head.Seq > 0)
            .GroupBy(head => head.Stream)
            .Select(group => group.MaxBy(head => head.Seq))
            .OfType<LedgerHead>()
            .OrderBy(head => head.Stream);
        // A full disk here must not fail what was done in the vault: the anchors are witnesses, too.
        CacheFile.Write(path, further.Select(TextOf), entropy);
    }

    /// <summary>A line more; <see cref="Add"/> makes one of a stream's lines.</summary>
    public void Saw(LedgerHead head) => CacheFile.Append(path, TextOf(head));

    private static string TextOf(LedgerHead head) =>
        string.Create(CultureInfo.InvariantCulture, $"{head.Stream} {head.Seq} {head.Hash}");

    /// <param name="text">As in the file, or with colons for blanks.</param>
    /// <returns>Null when it is none.</returns>
    public static LedgerHead? TryParse(string text) =>
        text.Split(' ', ':') is [var name, var seq, var hex]
        && StreamName.TryParse(name, out var stream)
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && EntryHash.TryParse(hex, out var hash)
            ? new LedgerHead(stream, number, hash)
            : null;
}
