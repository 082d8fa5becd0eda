using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Vaults;

/// <summary>The program with a vault in several places: copied, lost, recovered from, merged and healed.</summary>
public sealed class ReplicaTests : IDisposable
{
    private const int VaultDamaged = 20;
    private const int Fix = 10;
    private const int Refused = 22;
    private const int Retry = 30;

    private readonly StockRestic _restic = StockRestic.Create(TestContext.Current.CancellationToken);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Source => Path.Combine(_restic.Folder, "source");

    private string Primary => Path.Combine(_restic.Folder, "primary");

    private string Far => Path.Combine(_restic.Folder, "far");

    [Fact]
    public async Task A_lost_primary_is_recovered_from_its_replica_which_works_on_and_is_merged_back()
    {
        await PrepareAsync($"{{ name: far, store: 'file://{Far}', failure-domain: elsewhere }}");
        Assert.Contains("behind by", await RunAsync("vault", "info"), StringComparison.Ordinal);

        await RunAsync("vault", "copy");
        Assert.Contains("far", await RunAsync("vault", "info"), StringComparison.Ordinal);
        Assert.Contains("has all", await RunAsync("vault", "info"), StringComparison.Ordinal);
        Directory.Move(Primary, Path.Combine(_restic.Folder, "burnt"));
        var absent = await TryRunAsync("snapshots");
        Assert.Equal(Fix, absent.ExitCode);
        Assert.Contains(
            "'resurgam --from far vault copy primary' makes the vault anew",
            absent.Error,
            StringComparison.Ordinal
        );
        Directory.CreateDirectory(Primary); // as an empty mount point
        var second = await TryRunAsync("vault", "create");
        Assert.Equal(Refused, second.ExitCode);
        Assert.Contains("vault-elsewhere", second.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Primary));

        await RunAsync("--from", "far", "restore", "latest", "--to", Path.Combine(_restic.Folder, "target"));
        await File.WriteAllTextAsync(Path.Combine(Source, "after"), "written after the disaster", Token);
        await RunAsync("--from", "far", "backup", "odd");
        await RunAsync("--from", "far", "vault", "copy", "primary");

        Assert.True(File.Exists(Path.Combine(_restic.Folder, "target" + Source, "big")));
        Assert.Contains("whole", await RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
        Assert.Contains("whole", await RunAsync("ledger", "verify"), StringComparison.Ordinal);
        await RunAsync("restore", "latest", "--to", Path.Combine(_restic.Folder, "again"));
        Assert.True(File.Exists(Path.Combine(_restic.Folder, "again" + Source, "after")));
        await RunAsync("vault", "copy"); // the ledger tells of the restore
        using var copy = JsonDocument.Parse(await RunAsync("vault", "copy", "--output", "json"));
        Assert.Equal(0, copy.RootElement.GetProperty("replicas")[0].GetProperty("objects").GetInt64());
    }

    [Fact]
    public async Task A_copy_that_was_killed_goes_on_and_ends_whole()
    {
        await PrepareAsync($"{{ name: far, store: 'file://{Far}', bandwidth: 8 MiB/s }}");
        await using (var process = ResurgamProcess.Start(["--plan", "plan.yaml", "vault", "copy"], Around))
        {
            await Eventually.HoldsAsync(
                "some objects are in the replica",
                () =>
                    Directory.Exists(Far)
                    && Directory.EnumerateFiles(Far, "*", SearchOption.AllDirectories).Count() > 5,
                Token
            );
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        Assert.Contains("whole", await RunAsync("--from", "far", "vault", "check"), StringComparison.Ordinal);
        await RunAsync("vault", "copy", "--verify");

        Assert.Equal(await FilesOfAsync(Primary), await FilesOfAsync(Far));
    }

    [Fact]
    public async Task A_replica_that_fails_is_told_and_keeps_no_other_from_its_copy()
    {
        await PrepareAsync("{ name: dead, store: 'file:///proc/vault' }", $"{{ name: far, store: 'file://{Far}' }}");

        var exit = await TryRunAsync("vault", "copy", "--output", "json");

        Assert.True(exit.ExitCode is Fix or Retry, exit.ToString());
        using var copy = JsonDocument.Parse(exit.Output);
        var (dead, far) = (copy.RootElement.GetProperty("replicas")[0], copy.RootElement.GetProperty("replicas")[1]);
        Assert.Contains(
            "/proc/vault",
            dead.GetProperty("problem").GetProperty("what").GetString(),
            StringComparison.Ordinal
        );
        Assert.True(far.GetProperty("passed").GetBoolean());
        Assert.Equal(await FilesOfAsync(Primary), await FilesOfAsync(Far));
    }

    [Fact]
    public async Task A_full_disk_at_the_replica_is_told_and_the_copy_goes_on_when_there_is_room()
    {
        await using var disk = await Mount.TemporaryAsync(Far, megabytes: 6, Token);
        await PrepareAsync($"{{ name: far, store: 'file://{Far}/vault' }}");

        var full = await TryRunAsync("vault", "copy");
        Assert.True(full.ExitCode == Fix, full.ToString());
        Assert.Contains("no room left", full.Output, StringComparison.Ordinal);
        await disk.ResizeAsync(200, Token);
        await RunAsync("vault", "copy", "--verify");

        Assert.Equal(await FilesOfAsync(Primary), await FilesOfAsync(Path.Combine(Far, "vault")));
    }

    [Fact]
    public async Task Damage_in_the_primary_is_found_and_healed_from_the_replica()
    {
        await PrepareAsync($"{{ name: far, store: 'file://{Far}' }}");
        await RunAsync("vault", "copy");
        var packs = Directory
            .GetFiles(Path.Combine(Primary, "generations"), "*", SearchOption.AllDirectories)
            .Where(file => file.Contains("/data/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        File.Delete(packs[0]);
        File.SetUnixFileMode(packs[1], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = await File.ReadAllBytesAsync(packs[1], Token);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(packs[1], bytes, Token);
        Assert.Equal(VaultDamaged, (await TryRunAsync("vault", "check", "--read-data")).ExitCode);

        var dry = await RunAsync("vault", "heal", "--dry-run");
        Assert.Contains("would heal", dry, StringComparison.Ordinal);
        await RunAsync("vault", "heal");

        Assert.Equal(await FilesOfAsync(Far), await FilesOfAsync(Primary));
        Assert.Contains("whole", await RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_goes_to_azure_by_copy_and_is_restored_from_there()
    {
        var server = await AzureServer.RequireAsync();
        var container = await server.MakeContainerAsync(Token);
        await PrepareAsync(
            $"{{ name: azure, store: 'azure://{container}/v', azure: {{ account: {AzureServer.Account}, endpoint: '{server.Endpoint}', key: {{ env: KEY }} }} }}"
        );

        await RunAsync("vault", "copy", "--verify");
        Directory.Move(Primary, Path.Combine(_restic.Folder, "burnt"));
        await RunAsync("--from", "azure", "restore", "latest", "--to", Path.Combine(_restic.Folder, "target"));
        await RunAsync("--from", "azure", "backup", "odd");
        Assert.Contains(
            "whole",
            await RunAsync("--from", "azure", "vault", "check", "--read-data"),
            StringComparison.Ordinal
        );

        Assert.Equal(
            await FolderListing.OfAsync(Source, Token),
            await FolderListing.OfAsync(Path.Combine(_restic.Folder, "target") + Source, Token)
        );
    }

    public void Dispose() => _restic.Dispose();

    private ResurgamSurroundings Around =>
        new()
        {
            Folder = _restic.Folder,
            Environment = new Dictionary<string, string>
            {
                ["VAULT_SECRET"] = StockRestic.Password,
                ["KEY"] = AzureServer.Key,
            },
        };

    /// <summary>A vault with a backup of 20 MB, and a plan with these replicas.</summary>
    private async Task PrepareAsync(params string[] replicas)
    {
        Directory.CreateDirectory(Source);
        var bytes = new byte[20_000_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(Source, "big"), bytes, Token);
        await File.WriteAllTextAsync(
            Path.Combine(_restic.Folder, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{_restic.Folder}}/state
            vault:
              store: file://{{Primary}}
              secret: { env: VAULT_SECRET }
              replicas: [{{string.Join(", ", replicas)}}]
            assets:
              odd: { kind: files, path: {{Source}} }

            """,
            Token
        );
        await RunAsync("vault", "create");
        await RunAsync("backup", "odd");
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    private Task<ResurgamExit> TryRunAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(["--plan", "plan.yaml", .. arguments], Around, Token);

    private static async Task<SortedDictionary<string, string>> FilesOfAsync(string folder)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, file);
            if (!name.StartsWith("tmp/", StringComparison.Ordinal))
                files[name] = Convert.ToHexStringLower(
                    System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(file, Token))
                );
        }
        return files;
    }
}
