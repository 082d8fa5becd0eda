using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Cli;

/// <summary>The demo of everything, as a person runs it.</summary>
public sealed class DemoAllTests
{
    [Fact(Timeout = 400_000)]
    public async Task Database_sessions_and_policies_come_back_and_what_is_left_out_is_told()
    {
        Servers.Require(15);
        var path = $"{RedisServer.Binaries}:{Environment.GetEnvironmentVariable("PATH")}";

        var exit = await ResurgamProcess.RunAsync(
            ["demo", "--all", "--output", "json"],
            new ResurgamSurroundings { Environment = new Dictionary<string, string> { ["PATH"] = path } },
            TestContext.Current.CancellationToken
        );

        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var assets = document.RootElement.GetProperty("assets").EnumerateArray().ToList();
        Assert.Equal(
            ["db postgres", "sessions redis", "policies git"],
            assets.Select(a => $"{a.GetProperty("asset").GetString()} {a.GetProperty("kind").GetString()}")
        );
        Assert.All(assets, asset => Assert.Equal(0, asset.GetProperty("lost").GetInt64()));
        Assert.All(assets, asset => Assert.True(asset.GetProperty("recoverySeconds").GetDouble() > 0));
        Assert.Equal(
            "kubernetes",
            Assert.Single(document.RootElement.GetProperty("leftOut").EnumerateArray()).GetProperty("kind").GetString()
        );
    }
}
