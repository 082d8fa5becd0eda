using System.Text;
using Microsoft.Extensions.Time.Testing;
using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Support;

/// <summary>A ledger in memory, machines that write to it, and what is acknowledged to them. All but signatures is a function of the seed.</summary>
public sealed class LedgerWorld
{
    /// <summary>Small, so that a few entries fill some segments.</summary>
    public const int EntriesInSegment = 4;

    public static readonly StreamName Db = StreamName.OfAsset("db");
    public static readonly StreamName Files = StreamName.OfAsset("files");

    private readonly SeededEntropy _entropy;
    private readonly EcdsaSigning _signing = new();

    public LedgerWorld(int seed = 1)
    {
        _entropy = new SeededEntropy(seed);
        Secret = new LedgerSecret(SealingKey.Create(_entropy));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public MemoryStore Store { get; } = new();

    public LedgerSecret Secret { get; }

    public Ledger Ledger => Open(Store);

    public Ledger Open(IStore store) => new(store, "vault-1", Secret, EntriesInSegment);

    /// <summary>A machine with a key of its own.</summary>
    public LedgerAuthor NewMachine(string name)
    {
        var scalar = new byte[32];
        _entropy.Fill(scalar);
        scalar[0] = 1; // surely below the order of the group
        return new LedgerAuthor($"root@{name}", "resurgam 0.1.0", _signing.FromPrivate(scalar), _signing);
    }

    public ILedgerSigner OpenRoot() => Secret.OpenRoot(_signing);

    public LedgerWriter NewWriter(LedgerAuthor machine, IStore? store = null) =>
        new(Open(store ?? Store), machine, Time);

    public static LedgerFact Fact(int number) =>
        LedgerFact.Of(EntryKind.Backup, Encoding.UTF8.GetBytes($"{{\"number\":{number},\"path\":\"/srv/ä+\"}}"));

    /// <summary>So many entries by one machine, an anchor with the first.</summary>
    public async Task<LedgerWriter> FillAsync(StreamName stream, int count, CancellationToken cancellationToken)
    {
        var writer = NewWriter(NewMachine("one"));
        for (var i = 0; i < count; i++)
        {
            await writer.AppendAsync(stream, Fact(i), cancellationToken);
            await writer.AnchorAsync(cancellationToken);
        }
        return writer;
    }

    public Task<LedgerReport> VerifyAsync(CancellationToken cancellationToken, bool allSignatures = false) =>
        VerifyAsync(Store, [], cancellationToken, allSignatures);

    public Task<LedgerReport> VerifyAsync(
        IStore store,
        IReadOnlyList<LedgerHead> known,
        CancellationToken cancellationToken,
        bool allSignatures = false
    ) =>
        new LedgerVerifier(Open(store), workers: 2, NoProgress.Instance).RunAsync(
            allSignatures,
            [.. known.Select(head => (head, "somebody"))],
            cancellationToken
        );

    /// <summary>What somebody with the vault's secret can do: other lines under a key.</summary>
    public void Forge(string key, ReadOnlySpan<byte> lines) => Store.Overwrite(key, Secret.Seal(lines));

    public static string KeyOf(StreamName stream, int seq) => $"ledger/{stream}/{seq:D12}";

    public byte[] LineOf(string key) => Secret.TryOpen(Store.Objects[key]) ?? [];

    public MemoryStore CopyStore()
    {
        MemoryStore copy = new();
        foreach (var (key, bytes) in Store.Objects)
            copy.Overwrite(key, bytes);
        return copy;
    }
}
