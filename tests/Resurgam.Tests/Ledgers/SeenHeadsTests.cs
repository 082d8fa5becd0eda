using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

public sealed class SeenHeadsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-seen-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "seen");

    private SeenHeads Seen => new(Path, new SeededEntropy(1));

    /// <summary>An abort that one process writes must not be forgotten because another one writes, too.</summary>
    [Fact]
    public void What_was_seen_furthest_stays_whoever_writes_and_in_whatever_order()
    {
        var stream = LedgerWorld.Db;
        Seen.Add([Head(stream, 1), Head(LedgerWorld.Files, 9)]);
        Seen.Saw(Head(stream, 3));
        Seen.Saw(Head(stream, 2));
        Seen.Add([Head(LedgerWorld.Files, 10)]);

        Assert.Equal(Head(stream, 3), Seen.Find(stream));
        Assert.Equal(Head(LedgerWorld.Files, 10), Seen.Find(LedgerWorld.Files));
        Assert.Null(Seen.Find(StreamName.Vault));
        Assert.Contains(Head(stream, 3), Seen.Read());
    }

    [Fact]
    public void What_is_damaged_counts_as_never_seen()
    {
        Seen.Saw(Head(LedgerWorld.Db, 3));
        File.WriteAllText(Path, "nonsense\n");
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(file => file != Path))
            File.Move(file, file + "x");

        Assert.Empty(Seen.Read());
        Assert.Null(Seen.Find(LedgerWorld.Db));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static LedgerHead Head(StreamName stream, int seq) =>
        new(stream, seq, EntryHash.Beginning($"{seq}", stream));
}
