using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Cli;

/// <summary>Disasters of the reference plan, as a person runs the demo of them.</summary>
public sealed class DemoScenarioTests
{
    /// <summary>What only a real API server can be shown to do, in the order of the runbooks.</summary>
    private static readonly string[] StepsOnCluster =
    [
        "pods",
        "hold",
        "quarantine",
        "scale",
        "objects",
        "apply",
        "workers",
    ];

    [Theory(Timeout = 200_000)]
    [InlineData("database-loss", "restore")]
    [InlineData("service-failure", "restart", "pods", "workers")]
    [InlineData("corruption", "restore")]
    [InlineData("breach", "isolate", "pods", "hold", "quarantine", "scale")]
    [InlineData("region-outage", "database", "objects", "apply", "workers")]
    [InlineData("cluster-failure", "database", "objects", "apply", "workers")]
    [InlineData("database-connections", "raise", "workers")]
    public async Task A_disaster_ends_with_the_objectives_of_the_plan_met_by_a_second_process(
        string scenario,
        string killedIn,
        params string[] stepsOnCluster
    )
    {
        var document = await RunAsync(0, TestContext.Current.CancellationToken, "--scenario", scenario);
        var report = document.GetProperty("report");

        Assert.Equal(killedIn, document.GetProperty("killedIn").GetString());
        Assert.Equal(
            2,
            report.GetProperty("places").EnumerateArray().Select(place => place.GetString()).Distinct().Count()
        );
        Assert.Equal(["RTO met", "RPO met"], ObjectivesOf(report));
        Assert.Empty(report.GetProperty("reasons").EnumerateArray());
        Assert.InRange(report.GetProperty("recovery").GetDouble(), 0.001, 120);
        Assert.InRange(document.GetProperty("acknowledged").GetInt64(), 1, long.MaxValue);
        // A region takes with it what no replica has yet: bounded by the RPO, and told.
        if (scenario != "region-outage")
            Assert.Equal(0, document.GetProperty("lost").GetInt64());
        Assert.Equal(stepsOnCluster, StepsOnCluster.Where(step => IsDone(report, step)));
        Assert.Empty(document.GetProperty("leftOut").EnumerateArray());
    }

    [Fact(Timeout = 200_000)]
    public async Task An_objective_that_is_missed_is_told()
    {
        var document = await RunAsync(
            41,
            TestContext.Current.CancellationToken,
            "--scenario",
            "database-loss",
            "--rto",
            "1s"
        );
        var report = document.GetProperty("report");

        Assert.False(report.GetProperty("passed").GetBoolean());
        Assert.Equal(["RTO missed", "RPO met"], ObjectivesOf(report));
        Assert.StartsWith(
            "RTO missed: ",
            Assert.Single(report.GetProperty("reasons").EnumerateArray()).GetString(),
            StringComparison.Ordinal
        );
    }

    private static bool IsDone(JsonElement report, string step) =>
        report
            .GetProperty("steps")
            .EnumerateArray()
            .Any(one => one.GetProperty("step").GetString() == step && one.GetProperty("status").GetString() == "done");

    private static IEnumerable<string> ObjectivesOf(JsonElement report) =>
        report
            .GetProperty("objectives")
            .EnumerateArray()
            .Select(one =>
                $"{one.GetProperty("name").GetString()} {(one.GetProperty("isMet").GetBoolean() ? "met" : "missed")}"
            );

    private static async Task<JsonElement> RunAsync(
        int code,
        CancellationToken cancellationToken,
        params string[] options
    )
    {
        Servers.Require(15);
        ApiServer.Require();
        var path = $"{RedisServer.Binaries}:{ApiServer.Binaries}:{Environment.GetEnvironmentVariable("PATH")}";
        var exit = await ResurgamProcess.RunAsync(
            ["demo", .. options, "--output", "json"],
            new ResurgamSurroundings { Environment = new Dictionary<string, string> { ["PATH"] = path } },
            cancellationToken
        );
        Assert.True(exit.ExitCode == code, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.Clone();
    }
}
