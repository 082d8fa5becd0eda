using Microsoft.Extensions.Time.Testing;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Tests.Support;

/// <summary>A vault in memory, and what every command does with one. All of it is a function of the seed.</summary>
public sealed class VaultWorld(int seed = 1)
{
    public const string Password = "correct horse";
    public const string Asset = "db";

    private readonly SeededEntropy _entropy = new(seed);
    private readonly MemoryScratch _scratch = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public MemoryStore Store { get; } = new();

    public VaultHost Host =>
        new(_entropy, Time, _scratch, new WriterIdentity("host", "user", 0, 0, 1, _ => true), Workers: 2)
        {
            KeyCost = new ScryptCost(2, 8, 1), // what a password is worth is tested elsewhere
        };

    /// <summary>Files by their path; the first is stored by one lane, the second by another, and so on in turn.</summary>
    public static SortedDictionary<string, byte[]> Content(int version)
    {
        Random random = new(version);
        var bytes = new byte[15_000];
        random.NextBytes(bytes);
        return new(StringComparer.Ordinal)
        {
            ["empty"] = [],
            ["folder/always.txt"] = "the same in every version"u8.ToArray(),
            ["folder/deeper/random"] = bytes,
            ["folder/version"] = [(byte)version],
            ["zeros"] = new byte[30_000],
        };
    }

    public Task<Vault> CreateAsync(IStore store, CancellationToken cancellationToken) =>
        Vault.CreateAsync(store, Password, Host, cancellationToken);

    public Task<Vault> OpenAsync(IStore store, CancellationToken cancellationToken) =>
        Vault.OpenAsync(store, Password, Host, cancellationToken);

    /// <summary>Takes a snapshot as a capture does, from opening the vault to letting it go.</summary>
    public async Task<SnapshotEntry> CaptureAsync(
        IStore store,
        SortedDictionary<string, byte[]> files,
        CancellationToken cancellationToken
    )
    {
        using var vault = await OpenAsync(store, cancellationToken);
        await using var snapshot = await SnapshotWriter.BeginAsync(vault, Asset, "files", cancellationToken);
        using var left = snapshot.OpenLane();
        using var right = snapshot.OpenLane();
        foreach (var (index, (path, bytes)) in files.Index())
        {
            var lane = index % 2 == 0 ? left : right;
            var ids = await lane.StoreBytesAsync(bytes, cancellationToken);
            TreeNode node = new()
            {
                Name = path.Split('/')[^1],
                Type = NodeType.File,
                Mode = 0x1A4, // 0644
                SizeBytes = bytes.Length,
            };
            snapshot.Files.Add(path, node, [.. ids]);
        }
        left.Flush();
        right.Flush();
        return await snapshot.CompleteAsync(["/"], cancellationToken);
    }

    /// <summary>Every file of a snapshot, read back through its trees.</summary>
    public async Task<SortedDictionary<string, byte[]>> RestoreAsync(
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        using BlobReader blobs = new(snapshot.Repository, Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        await foreach (var (path, node) in reader.WalkAsync(snapshot, "", cancellationToken))
        {
            if (node.Type != NodeType.File)
                continue;
            using MemoryStream content = new();
            await reader.CopyToAsync(node, content, cancellationToken);
            files.Add(path, content.ToArray());
        }
        return files;
    }

    public async Task<VaultCheckResult> CheckAsync(IStore store, CancellationToken cancellationToken)
    {
        using var vault = await OpenAsync(store, cancellationToken);
        return await new VaultCheck(vault, NoProgress.Instance).RunAsync(readData: true, cancellationToken);
    }

    public async Task<VaultCheckResult> CheckWithAsync(string password, CancellationToken cancellationToken)
    {
        using var vault = await Vault.OpenAsync(Store, password, Host, cancellationToken);
        return await new VaultCheck(vault, NoProgress.Instance).RunAsync(readData: true, cancellationToken);
    }
}
