using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Status;

/// <summary>The one screen, through the program.</summary>
public sealed class StatusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task It_tells_what_is_lost_and_how_long_a_recovery_takes_with_the_source_gone()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        var never = await AskAsync(world, exitCode: 24);
        Assert.Equal(["no-snapshot"], Codes(never));
        Assert.Equal(JsonValueKind.Null, never.GetProperty("loss").ValueKind);

        await world.BackUpAsync();
        await world.RunAsync("verify", "odd");
        Directory.Move(world.Source, world.Source + ".gone");
        var proven = await AskAsync(world, exitCode: 0);
        Assert.Empty(Codes(proven));
        Assert.InRange(proven.GetProperty("loss").GetDouble(), 0, 120);
        Assert.InRange(proven.GetProperty("recovery").GetProperty("likely").GetDouble(), 0.001, 60);
        Assert.Equal(
            "restore",
            proven.GetProperty("recovery").GetProperty("criticalPath")[0].GetProperty("step").GetString()
        );

        await world.TryRunAsync("backup", "odd");
        var failed = await AskAsync(world, exitCode: 24);
        Assert.Equal(["backup-failed"], Codes(failed));
        // What this machine remembers is a cache, and nothing else.
        Directory.Delete(Path.Combine(world.Combine("state"), "status"), recursive: true);
        Assert.Equal(Codes(failed), Codes(await AskAsync(world, exitCode: 24)));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_it_cannot_see_it_says()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        var entry = Path.Combine(world.Vault, "ledger/asset.odd/000000000001");
        File.SetUnixFileMode(entry, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(entry, "junk", Token);

        Assert.Equal(["unseen"], Codes(await AskAsync(world, exitCode: 24)).Where(code => code == "unseen"));

        Directory.Move(world.Vault, world.Vault + ".gone");
        var absent = await world.TryRunAsync("status");
        Assert.True(absent.ExitCode is 10 or 30, absent.ToString());
    }

    private static async Task<JsonElement> AskAsync(FilesWorld world, int exitCode)
    {
        var exit = await world.TryRunAsync("status", "--output", "json");
        Assert.True(exit.ExitCode == exitCode, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        Assert.Equal(exitCode == 0, document.RootElement.GetProperty("safe").GetBoolean());
        return Assert.Single(document.RootElement.GetProperty("assets").EnumerateArray()).Clone();
    }

    private static IEnumerable<string?> Codes(JsonElement asset) =>
        [.. asset.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString())];
}
