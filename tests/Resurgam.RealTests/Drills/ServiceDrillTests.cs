using System.Globalization;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Drills;

/// <summary>A service fails: its process is killed for real.</summary>
public sealed class ServiceDrillTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_service_that_comes_back_and_stays_passes_and_is_down_again_afterwards()
    {
        var (world, service) = await WorldAsync(TestContext.Current.CancellationToken);
        using var _ = world;

        var page = world.Combine("report.html");
        var report = DrillWorld.ReportOf(
            await world.TryRunAsync("drill", "api", "--as", "anna", "--out", page, "--output", "json"),
            0
        );

        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.InRange(report.GetProperty("recovery").GetDouble(), 0.01, 20);
        Assert.False(IsUp(service));
        Assert.Contains("PASSED", await File.ReadAllTextAsync(page, Token), StringComparison.Ordinal);
        await world.RunAsync("ledger", "verify", "--all-signatures");
        Assert.Contains("passed", await world.RunAsync("drills", "list"), StringComparison.Ordinal);
        // What it has measured counts from now on.
        Assert.Equal("runs", PredictedFrom(await world.RunAsync("run", "restart", "--dry-run", "--output", "json")));
        using var planned = JsonDocument.Parse(await world.RunAsync("drill", "api", "--dry-run", "--output", "json"));
        Assert.Equal(1, planned.RootElement.GetProperty("predictedFromDrills").GetInt32());
        Assert.Equal(
            report.GetProperty("recovery").GetDouble(),
            planned.RootElement.GetProperty("predicted").GetDouble(),
            precision: 3
        );
    }

    private static string? PredictedFrom(string planned)
    {
        using var document = JsonDocument.Parse(planned);
        return document.RootElement.GetProperty("steps")[0].GetProperty("predictedFrom").GetString();
    }

    [Theory(Timeout = 120_000)]
    [InlineData("broken", "restart: ")]
    [InlineData("weak", "drill-hold: all held for ")]
    public async Task A_service_that_does_not_come_back_or_dies_again_fails(string sabotage, string reason)
    {
        var (world, service) = await WorldAsync(TestContext.Current.CancellationToken);
        using var _ = world;
        // The sabotage begins with the fault: what was prepared is well.
        await DrillWorld.ExtendPlanAsync(
            world.Restic.Folder,
            $"  sabotage: {{ steps: {{ spoil: {{ action: command, with: {{ argv: [touch, {service}/{sabotage}] }}, drill: run, undo: {{ action: command, with: {{ argv: [rm, -f, {service}/{sabotage}] }} }} }}, restart: {{ action: service-restart, with: {{ target: api }}, needs: [spoil] }} }} }}",
            Token
        );
        var plan = world.Combine("plan.yaml");
        await File.WriteAllTextAsync(
            plan,
            (await File.ReadAllTextAsync(plan, Token)).Replace(
                "runbook: restart",
                "runbook: sabotage",
                StringComparison.Ordinal
            ),
            Token
        );

        var report = DrillWorld.ReportOf(await world.TryRunAsync("drill", "api", "--output", "json"), 41);

        Assert.StartsWith(reason, DrillWorld.ReasonOf(report), StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_drill_that_was_killed_is_undone_by_the_next_one()
    {
        var (world, service) = await WorldAsync(TestContext.Current.CancellationToken, hold: "60s");
        using var _ = world;
        await using (var first = world.Start("drill", "api"))
        {
            await first.WaitForLineAsync("drill-hold: running", Token);
            first.Kill();
            await first.WaitForExitAsync(Token);
        }
        Assert.True(IsUp(service));
        var plan = world.Combine("plan.yaml");
        await File.WriteAllTextAsync(
            plan,
            (await File.ReadAllTextAsync(plan, Token)).Replace(
                "hold-for: 60s",
                "hold-for: 1s",
                StringComparison.Ordinal
            ),
            Token
        );

        var second = await world.TryRunAsync("drill", "api", "--output", "json");

        DrillWorld.ReportOf(second, 0);
        Assert.Contains("was left in the middle: it is undone first", second.Error, StringComparison.Ordinal);
        Assert.False(IsUp(service));
        Assert.Contains("aborted", await world.RunAsync("runs", "list"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_drill_that_is_stopped_is_undone_before_the_program_ends()
    {
        var (world, service) = await WorldAsync(TestContext.Current.CancellationToken, hold: "60s");
        using var _ = world;
        await using var drill = world.Start("drill", "api");
        await drill.WaitForLineAsync("drill-hold: running", Token);

        drill.Signal(15);
        var exit = await drill.WaitForExitAsync(Token);

        Assert.Equal(143, exit.ExitCode);
        Assert.False(IsUp(service));
        Assert.Contains(
            "stopped by a signal",
            await world.RunAsync("drills", "report", "api"),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task The_network_of_a_namespace_is_cut_and_comes_back()
    {
        if (!Environment.IsPrivilegedProcess || !await TryIpAsync("netns", "list"))
            Assert.Skip("network namespaces take root and 'ip'");
        var name = string.Create(CultureInfo.InvariantCulture, $"drill-{Environment.ProcessId}");
        if (!await TryIpAsync("netns", "add", name))
            Assert.Skip("this machine lets nobody make network namespaces");
        try
        {
            await TryIpAsync("-n", name, "link", "set", "lo", "up");
            await TryIpAsync("-n", name, "route", "add", "192.0.2.0/24", "dev", "lo");
            var (world, _) = await WorldAsync(TestContext.Current.CancellationToken);
            using var _2 = world;
            await DrillWorld.ExtendPlanAsync(
                world.Restic.Folder,
                $$"""
                  nothing: { steps: { wait: { action: wait, with: { for: 10ms } } } }
                """,
                Token
            );
            var plan = world.Combine("plan.yaml");
            await File.WriteAllTextAsync(
                plan,
                (await File.ReadAllTextAsync(plan, Token))
                    .Replace(
                        "scenarios:",
                        "scenarios:\n  cut: { rto: 1m, rpo: 0s, runbook: nothing }",
                        StringComparison.Ordinal
                    )
                    .Replace(
                        "drills:",
                        $"drills:\n  cut: {{ scenario: cut, inject: {{ cut: {{ action: fault-cut-network, with: {{ namespace: {name} }} }} }}, hold-for: 1s, holds: [{{ command: {{ argv: [sh, -c, '! ip -n {name} route get 192.0.2.1'] }} }}] }}",
                        StringComparison.Ordinal
                    ),
                Token
            );

            var report = DrillWorld.ReportOf(await world.TryRunAsync("drill", "cut", "--output", "json"), 0);

            Assert.True(report.GetProperty("passed").GetBoolean());
            Assert.True(await TryIpAsync("-n", name, "route", "get", "192.0.2.1"));
        }
        finally
        {
            await TryIpAsync("netns", "del", name);
        }
    }

    private static async Task<bool> TryIpAsync(params string[] arguments)
    {
        try
        {
            using var ip = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("ip", arguments) { RedirectStandardError = true }
            );
            if (ip is null)
                return false;
            await ip.WaitForExitAsync(Token);
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such program
        }
    }

    internal static bool IsUp(string service)
    {
        var file = Path.Combine(service, "pid");
        if (!File.Exists(file))
            return false;
        var stat = $"/proc/{File.ReadAllText(file).Trim()}/stat";
        return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
    }

    internal static async Task<(FilesWorld World, string Service)> WorldAsync(
        CancellationToken cancellationToken,
        string hold = "3s"
    )
    {
        var world = await FilesWorld.CreateAsync(cancellationToken);
        var (folder, binding) = await DrillWorld.MakeServiceAsync(world.Restic.Folder, cancellationToken);
        await DrillWorld.ExtendPlanAsync(
            world.Restic.Folder,
            $$"""
            scenarios:
              single: { rto: 30s, rpo: 0s, runbook: restart }
            targets:
              api: { kind: service, unit: api.service, drill: {{binding}} }
            drills:
              api:
                title: The service dies
                scenario: single
                prepare: { up: { action: service-start, with: { target: api } } }
                inject: { kill: { action: fault-kill-service, with: { target: api, pid-file: {{folder}}/pid } } }
                holds: [{ command: { argv: [{{folder}}/probe] } }]
                hold-for: {{hold}}
            runbooks:
              restart: { steps: { restart: { action: service-restart, with: { target: api } } } }
            """,
            cancellationToken
        );
        return (world, folder);
    }
}
