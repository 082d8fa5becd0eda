using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Cli;

/// <summary>Every drill of the reference plan, carried out as the plan has it, while the platform works on beside it.</summary>
public sealed class DemoDrillTests
{
    [Theory(Timeout = 200_000)]
    [InlineData("service-failure", "fault-kill", false)]
    [InlineData("database-connections", "fault-kill-auth", false)]
    [InlineData("restore-test", "fault-burn", true)]
    [InlineData("corruption", "fault-damage", true)]
    [InlineData("failover", "fault-burn", true)]
    [InlineData("breach", "fault-intrude", true)]
    [InlineData("region-outage", "fault-burn", true)]
    public async Task A_drill_of_the_reference_plan_passes_and_leaves_nothing(
        string drill,
        string fault,
        bool measuresLoss
    )
    {
        Servers.Require(15);
        var exit = await ResurgamProcess.RunAsync(
            ["demo", "--drill", drill, "--output", "json"],
            new ResurgamSurroundings(),
            TestContext.Current.CancellationToken
        );
        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var report = document.RootElement.GetProperty("report");

        Assert.Contains(
            report.GetProperty("steps").EnumerateArray(),
            step =>
                step.GetProperty("step").GetString() == fault
                && step.GetProperty("isFault").GetBoolean()
                && step.GetProperty("status").GetString() == "done"
        );
        foreach (var objective in report.GetProperty("objectives").EnumerateArray())
            if (measuresLoss || objective.GetProperty("name").GetString() == "RTO")
                Assert.True(objective.GetProperty("isMet").GetBoolean(), objective.ToString());
        Assert.Equal("all is undone: completed", LastOf(report));
        Assert.Empty(document.RootElement.GetProperty("left").EnumerateArray());
        Assert.InRange(document.RootElement.GetProperty("acknowledged").GetInt64(), 1, long.MaxValue);
    }

    /// <summary>The drill's own API server has the objects before it, and has them again at the end.</summary>
    [Theory(Timeout = 200_000)]
    [InlineData("breach", "pods", "hold", "quarantine", "scale")]
    [InlineData("failover", "objects")]
    public async Task A_drill_does_its_steps_on_a_cluster_of_its_own_and_takes_them_back(
        string drill,
        params string[] steps
    )
    {
        Servers.Require(15);
        ApiServer.Require();
        var path = $"{ApiServer.Binaries}:{Environment.GetEnvironmentVariable("PATH")}";
        var exit = await ResurgamProcess.RunAsync(
            ["demo", "--drill", drill, "--output", "json"],
            new ResurgamSurroundings { Environment = new Dictionary<string, string> { ["PATH"] = path } },
            TestContext.Current.CancellationToken
        );
        Assert.True(exit.ExitCode == 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var report = document.RootElement.GetProperty("report");

        Assert.Superset(
            steps.ToHashSet(),
            report
                .GetProperty("steps")
                .EnumerateArray()
                .Where(step => step.GetProperty("status").GetString() == "done")
                .Select(step => step.GetProperty("step").GetString() ?? "")
                .ToHashSet()
        );
        Assert.Empty(document.RootElement.GetProperty("left").EnumerateArray());
        Assert.Empty(document.RootElement.GetProperty("leftOut").EnumerateArray());
    }

    /// <summary>The twin of each: without the step that brings it back, its conditions must not hold.</summary>
    [Theory(Timeout = 200_000)]
    [InlineData("service-failure", "restart", "healthy: ")]
    [InlineData("database-connections", "phi", "drill-hold: ")]
    [InlineData("restore-test", "restore", "prove: ")]
    [InlineData("corruption", "restore", "prove: ")]
    // Its service still answers, by the connection that it kept to the damaged database.
    [InlineData("corruption", "restart", "drill-hold: ")]
    [InlineData("failover", "database", "prove: ")]
    [InlineData("breach", "first", "drill-hold: ")]
    [InlineData("breach", "strangers", "drill-hold: ")]
    [InlineData("region-outage", "database", "prove: ")]
    public async Task A_drill_without_a_step_that_counts_fails_and_leaves_nothing(
        string drill,
        string step,
        string reason
    )
    {
        Servers.Require(15);
        var exit = await ResurgamProcess.RunAsync(
            ["demo", "--drill", drill, "--without", step, "--rto", "10s", "--output", "json"],
            new ResurgamSurroundings(),
            TestContext.Current.CancellationToken
        );
        Assert.True(exit.ExitCode == 41, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var report = document.RootElement.GetProperty("report");

        Assert.StartsWith(
            reason,
            report.GetProperty("reasons").EnumerateArray().First().GetString(),
            StringComparison.Ordinal
        );
        Assert.Empty(document.RootElement.GetProperty("left").EnumerateArray());
        Assert.Equal(0, document.RootElement.GetProperty("lost").GetInt64());
    }

    private static string? LastOf(JsonElement report) =>
        report.GetProperty("timeline").EnumerateArray().Last().GetProperty("what").GetString();
}
