using System.Text.Json;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

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

    /// <summary>A machine that has PostgreSQL and nothing else.</summary>
    [Fact(Timeout = 400_000)]
    public async Task What_is_not_installed_is_left_out_and_said()
    {
        Servers.Require(15);
        Assert.SkipWhen(
            ((string[])["/usr/local/bin/kube-apiserver", "/usr/bin/kube-apiserver"]).Any(File.Exists),
            "this machine has an API server where the program looks for one"
        );
        using TemporaryFolder empty = new();

        var exit = await ResurgamProcess.RunAsync(
            ["demo", "--all", "--output", "json"],
            new ResurgamSurroundings { Environment = new Dictionary<string, string> { ["PATH"] = empty.FullPath } },
            TestContext.Current.CancellationToken
        );

        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var left = document
            .RootElement.GetProperty("leftOut")
            .EnumerateArray()
            .ToDictionary(
                asset => asset.GetProperty("asset").GetString() ?? "",
                asset => asset.GetProperty("reason").GetString() ?? ""
            );
        Assert.Equal(
            "kube-apiserver and etcd are not in PATH; scripts/kube-apiserver builds them here",
            left["cluster"]
        );
        Assert.Equal("git is not installed here", left["policies"]);
        var shown = document
            .RootElement.GetProperty("assets")
            .EnumerateArray()
            .Select(asset => asset.GetProperty("asset").GetString() ?? "");
        Assert.Empty(shown.Intersect(left.Keys));
        Assert.Contains("db", shown);
    }
}
