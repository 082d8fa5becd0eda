using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Vaults.Format;

/// <summary>Breaks one store call after the other, and asks stock restic what is left; <c>FaultSweepTests</c> asks our own check.</summary>
public sealed class StockResticSweepTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 300_000)]
    [InlineData(StoreFault.Lost, false)]
    [InlineData(StoreFault.Unheard, false)]
    [InlineData(StoreFault.Lost, true)]
    [InlineData(StoreFault.Unheard, true)]
    public async Task Restic_finds_no_error_whichever_call_of_a_capture_broke(StoreFault fault, bool isKill)
    {
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PasswordFile(restic), VaultWorld.Password, Token);
        var written = 0;
        for (var isBroken = true; isBroken; )
        {
            var breakAt = ++written;
            VaultWorld world = new(seed: breakAt);
            (await world.CreateAsync(world.Store, Token)).Dispose();
            await world.CaptureAsync(world.Store, VaultWorld.Content(1), Token);
            var store = isKill
                ? FaultyStore.FailingFrom(world.Store, breakAt, fault)
                : FaultyStore.FailingAt(world.Store, breakAt, fault);
            await TryCaptureAsync(world, store);

            isBroken = breakAt <= store.CallCount;
            var where = isBroken ? $"call {breakAt}, {store.Calls[breakAt - 1]}" : "no call";
            await AssertCleanAsync(restic, world.Store, where);
        }
        Assert.True(written > 15, $"a capture had only {written - 1} calls");
    }

    private static async Task TryCaptureAsync(VaultWorld world, FaultyStore store)
    {
        try
        {
            await world.CaptureAsync(store, VaultWorld.Content(2), Token);
        }
        catch (ResurgamException problem)
        {
            Assert.Equal("store-unreachable", problem.Problem.Code);
        }
    }

    /// <summary>Every snapshot that restic lists restores, and every byte that is there is what its name says.</summary>
    private static async Task AssertCleanAsync(StockRestic restic, MemoryStore store, string where)
    {
        var folder = Directory.CreateDirectory(Path.Combine(restic.Folder, "vault"));
        foreach (var (key, bytes) in store.Objects)
        {
            var path = Path.Combine(folder.FullName, key);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
            await File.WriteAllBytesAsync(path, bytes, Token);
        }
        var generation = Assert.Single(folder.GetDirectories("generations").Single().GetDirectories());
        string[] at = ["-r", generation.FullName, "--password-file", PasswordFile(restic), "--no-cache", "--no-lock"];
        var (exitCode, output, error) = await restic.TryRunAsync([.. at, "check", "--read-data"]);
        Assert.True(
            exitCode == 0 && output.Contains("no errors were found", StringComparison.Ordinal),
            $"{where}: exit code {exitCode}\n{output}\n{error}"
        );
        folder.Delete(recursive: true);
    }

    private static string PasswordFile(StockRestic restic) => Path.Combine(restic.Folder, "password");
}
