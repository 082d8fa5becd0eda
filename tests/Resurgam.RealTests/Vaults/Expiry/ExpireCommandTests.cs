using System.Text.Json;
using Resurgam.Adapters.Stores;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Vaults.Expiry;

/// <summary>Expiry and legal holds through the program.</summary>
public sealed class ExpireCommandTests : IDisposable
{
    private const int Fix = 10;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Vault => Path.Combine(_folder.FullPath, "vault");

    private string Far => Path.Combine(_folder.FullPath, "far");

    [Fact]
    public async Task What_is_old_goes_with_its_keys_from_the_vault_and_then_from_its_replica()
    {
        var old = await MakeVaultOfTwoMonthsAsync();
        await RunAsync("vault", "copy");
        var before = await RunAsync("vault", "expire", "--dry-run");
        Assert.Contains($"{old}  would go: 1 snapshots", before, StringComparison.Ordinal);
        await RunAsync("vault", "hold", "add", "--generation", old, "--reason", "case 7");
        Assert.Contains(": case 7", await RunAsync("vault", "expire"), StringComparison.Ordinal);
        using var holds = JsonDocument.Parse(await RunAsync("vault", "hold", "list", "--output", "json"));
        var id = Assert.Single(holds.RootElement.GetProperty("holds").EnumerateArray()).GetProperty("id").GetString();
        await RunAsync("vault", "hold", "release", id ?? "", "--reason", "closed");

        var after = await RunAsync("vault", "expire");

        Assert.Contains($"{old}  destroyed, its keys first", after, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(Vault, "generations", old, "expired")], FilesOf(Vault, old));
        Assert.Contains("whole", await RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
        Assert.Contains($"{old}: expired", await RunAsync("vault", "info"), StringComparison.Ordinal);
        await RunAsync("vault", "copy");
        Assert.Equal([Path.Combine(Far, "generations", old, "expired")], FilesOf(Far, old));
        Assert.Contains("whole", await RunAsync("--from", "far", "vault", "check"), StringComparison.Ordinal);
        Assert.Contains("whole", await RunAsync("vault", "heal"), StringComparison.Ordinal);
        Assert.Contains("whole", await RunAsync("ledger", "verify"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_does_not_say_how_long_keeps_everything()
    {
        await MakeVaultOfTwoMonthsAsync();
        await WritePlanAsync("");
        var exit = await TryRunAsync("vault", "expire");
        Assert.Equal(Fix, exit.ExitCode);
        Assert.Contains("expire-no-rules", exit.Error, StringComparison.Ordinal);
        await WritePlanAsync("retention: { verified-copies: 0 }");
        Assert.Equal(Fix, (await TryRunAsync("vault", "expire")).ExitCode);
        await WritePlanAsync("retention: { point-in-time: 1d, verified-copies: 0, legal-hold: case 8 }");
        Assert.Contains("legal hold of the plan: case 8", await RunAsync("vault", "expire"), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>The name of the older generation.</returns>
    private async Task<string> MakeVaultOfTwoMonthsAsync()
    {
        await WritePlanAsync("retention: { point-in-time: 30d, verified-copies: 0 }");
        VaultWorld world = new();
        world.Time.AdjustTime(DateTimeOffset.UtcNow.AddDays(-100));
        var old = world.Time.GetUtcNow().ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        FolderStore store = new(Vault, world.Host.Entropy);
        (await world.CreateAsync(store, Token)).Dispose();
        await world.CaptureAsync(store, VaultWorld.Content(1), Token);
        world.Time.AdjustTime(DateTimeOffset.UtcNow.AddDays(-50));
        await world.CaptureAsync(store, VaultWorld.Content(2), Token);
        world.Time.AdjustTime(DateTimeOffset.UtcNow.AddMinutes(-1));
        await world.CaptureAsync(store, VaultWorld.Content(3), Token);
        return old;
    }

    private static string[] FilesOf(string place, string generation) =>
        Directory.GetFiles(Path.Combine(place, "generations", generation), "*", SearchOption.AllDirectories);

    private Task WritePlanAsync(string retention) =>
        File.WriteAllTextAsync(
            Path.Combine(_folder.FullPath, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{Path.Combine(_folder.FullPath, "state")}}
            vault:
              store: file://{{Vault}}
              secret: { env: RESURGAM_TEST_SECRET }
              replicas: [{ name: far, store: "file://{{Far}}" }]
            {{retention}}

            """,
            Token
        );

    private async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    private Task<ResurgamExit> TryRunAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(
            ["--plan", "plan.yaml", .. arguments],
            new ResurgamSurroundings
            {
                Folder = _folder.FullPath,
                Environment = new Dictionary<string, string> { ["RESURGAM_TEST_SECRET"] = VaultWorld.Password },
            },
            Token
        );
}
