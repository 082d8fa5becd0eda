using System.Globalization;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Ledgers;

/// <summary>
/// The last entry of each stream that this machine saw: a witness against a store that drops its last entries or shows
/// other ones. A cache: without it the daily anchors are the only witnesses.
/// </summary>
/// <param name="path">Absolute; a line <c>stream seq hash</c> each.</param>
/// <param name="entropy">For temporary names.</param>
public sealed class SeenHeads(string path, IEntropy entropy) : IHeadWitness
{
    public string Path => path;

    /// <summary>Beside the file: a folder for each stream that is seen entry by entry, in it a file <c>seq.hash</c>. So no process needs another's consent.</summary>
    private string Folder => path + ".d";

    /// <returns>What can be read; what is damaged counts as never seen.</returns>
    public IReadOnlyList<LedgerHead> Read() =>
        [
            .. CacheFile.Read(path).Select(TryParse).OfType<LedgerHead>(),
            .. CacheFile.FoldersIn(Folder).SelectMany(stream => ReadFolder(System.IO.Path.GetFileName(stream))),
        ];

    public LedgerHead? Find(StreamName stream) =>
        CacheFile
            .Read(path)
            .Where(line => line.StartsWith($"{stream} ", StringComparison.Ordinal))
            .Select(TryParse)
            .OfType<LedgerHead>()
            .Concat(ReadFolder(stream.Value))
            .MaxBy(head => head.Seq);

    public string ForgetCommand(StreamName stream) =>
        $"sed -i '/^{stream} /d' '{path}'; rm -r '{System.IO.Path.Combine(Folder, stream.Value)}'";

    /// <summary>What was seen before of the stream goes: only by the one who saw more.</summary>
    public void Saw(LedgerHead head)
    {
        var folder = System.IO.Path.Combine(Folder, head.Stream.Value);
        if (!CacheFile.TryTouch(System.IO.Path.Combine(folder, NameOf(head))))
            return;
        foreach (var old in ReadFolder(head.Stream.Value).Where(old => old.Seq < head.Seq))
            CacheFile.Remove(System.IO.Path.Combine(folder, NameOf(old)));
    }

    private IEnumerable<LedgerHead> ReadFolder(string stream) =>
        CacheFile
            .FilesIn(System.IO.Path.Combine(Folder, stream))
            .Select(file => TryParse($"{stream} {System.IO.Path.GetFileName(file).Replace('.', ' ')}"))
            .OfType<LedgerHead>();

    private static string NameOf(LedgerHead head) =>
        string.Create(CultureInfo.InvariantCulture, $"{head.Seq}.{head.Hash}");

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
        CacheFile.Write(
            path,
            further.Select(head =>
                string.Create(CultureInfo.InvariantCulture, $"{head.Stream} {head.Seq} {head.Hash}")
            ),
            entropy
        );
    }

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
