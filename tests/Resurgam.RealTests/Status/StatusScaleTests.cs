using System.Globalization;
using System.Text;
using System.Text.Json;
using Resurgam.Adapters;
using Resurgam.Adapters.Ledgers;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Status;

/// <summary>A plan of a thousand assets with a history each, asked as an operator asks. How long it takes: bench/daemon.</summary>
public sealed class StatusScaleTests
{
    private const int Assets = 1000;
    private const int Snapshots = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task A_thousand_assets_are_told_of()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        await world.RunAsync("verify", "odd");
        await FillAsync(world, Assets);

        var exit = await world.TryRunAsync("status", "--output", "json");

        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        Assert.Equal(Assets, document.RootElement.GetProperty("assets").GetArrayLength());
    }

    /// <summary>As many backups and verifications of each asset would leave it, without the pauses of a store that syncs.</summary>
    private static async Task FillAsync(FilesWorld world, int assets)
    {
        SystemEntropy entropy = new();
        using var vault = await Vault.OpenAsync(
            new FolderStore(world.Vault, entropy),
            StockRestic.Password,
            new VaultHost(
                entropy,
                TimeProvider.System,
                new ScratchFolder(world.Combine("scratch"), entropy),
                new WriterIdentity("host", "user", 0, 0, 1, _ => true),
                Workers: 2
            ),
            Token
        );
        var generation = await vault.OpenCurrentGenerationAsync(Token);
        var ledger = vault.OpenLedger();
        var signer = NodeKeyFile.Open(world.Combine("node.key"), entropy);
        StringBuilder plan = new(await File.ReadAllTextAsync(world.Combine("plan.yaml"), Token));
        var now = TimeProvider.System.GetUtcNow();
        for (var asset = 0; asset < assets - 1; asset++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"a{asset}");
            plan.Append(CultureInfo.InvariantCulture, $"  {name}: {{ kind: files, path: {world.Source} }}\n");
            var head = ledger.Beginning(StreamName.OfAsset(name));
            Write(world, $"ledger/streams/{head.Stream}", []);
            for (var i = 0; i < Snapshots; i++)
            {
                var id = BlobId.Of(Encoding.UTF8.GetBytes($"{name} {i}"));
                Write(world, generation.KeyOf(FileKind.Snapshot, id), [1, 2, 3]); // the ledger knows it: nobody opens it
                var at = now.AddHours(i - Snapshots);
                var backup =
                    $$"""{"asset":"{{name}}","snapshot":"{{id.Hex}}","time":"{{at:yyyy-MM-dd'T'HH:mm:ss'Z'}}","mode":"full","bytesRead":1000000,"bytesNew":1422,"findings":[],"notes":[]}""";
                var verification =
                    $$"""{"asset":"{{name}}","snapshot":"{{id.Hex}}","passed":true,"bytesWritten":1000000,"bytesTotal":1000000,"steps":[{"name":"restore","seconds":{{i + 1}}}]}""";
                head = Append(world, ledger, signer, head, EntryKind.Backup, backup, at);
                head = Append(world, ledger, signer, head, EntryKind.Verification, verification, at);
            }
        }
        await File.WriteAllTextAsync(world.Combine("plan.yaml"), plan.ToString(), Token);
    }

    private static LedgerHead Append(
        FilesWorld world,
        Ledger ledger,
        ILedgerSigner signer,
        LedgerHead head,
        string kind,
        string body,
        DateTimeOffset at
    )
    {
        var fact = LedgerFact.Of(kind, Encoding.UTF8.GetBytes(body));
        var entry = LedgerLine.Sign(head, fact, at, "root@db1", "resurgam 0.1.0", signer);
        Write(
            world,
            string.Create(CultureInfo.InvariantCulture, $"ledger/{head.Stream}/{entry.Seq:D12}"),
            ledger.Secret.Seal(entry.Line.Span)
        );
        return entry.Head;
    }

    private static void Write(FilesWorld world, string key, byte[] bytes)
    {
        var path = Path.Combine(world.Vault, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
        File.WriteAllBytes(path, bytes);
    }
}
