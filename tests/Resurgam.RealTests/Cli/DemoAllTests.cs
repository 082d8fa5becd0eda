using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Cli;

/// <summary>The demo of everything, as a person runs it.</summary>
public sealed class DemoAllTests
{
    [Fact(Timeout = 400_000)]
    public async Task Database_sessions_policies_and_objects_come_back()
    {
        Servers.Require(15);
        ApiServer.Require();
        var path = $"{RedisServer.Binaries}:{ApiServer.Binaries}:{Environment.GetEnvironmentVariable("PATH")}";

        var exit = await ResurgamProcess.RunAsync(
            ["demo", "--all", "--output", "json"],
            new ResurgamSurroundings { Environment = new Dictionary<string, string> { ["PATH"] = path } },
            TestContext.Current.CancellationToken
        );

        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var assets = document.RootElement.GetProperty("assets").EnumerateArray().ToList();
        Assert.Equal(
            ["db postgres", "sessions redis", "policies git", "cluster kubernetes"],
            assets.Select(a => $"{a.GetProperty("asset").GetString()} {a.GetProperty("kind").GetString()}")
        );
        Assert.All(assets, asset => Assert.Equal(0, asset.GetProperty("lost").GetInt64()));
        Assert.All(assets, asset => Assert.True(asset.GetProperty("recoverySeconds").GetDouble() > 0));
        Assert.Empty(document.RootElement.GetProperty("leftOut").EnumerateArray());
    }
}
