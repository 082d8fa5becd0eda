using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Resurgam.RealTests.Serve;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Traces;

/// <summary>Traces as a collector gets them, and what happens when there is none.</summary>
public sealed class TraceTests
{
    private const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private const string Runbook = """
        runbooks:
          work:
            steps:
              tell: { action: command, with: { argv: [sh, -c, 'echo $TRACEPARENT > seen'] } }
              copy: { action: vault-backup, with: { asset: odd }, needs: [tell] }
              break: { action: command, with: { argv: [sh, -c, 'exit 7'] }, needs: [copy] }

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_backup_is_a_part_of_its_callers_trace_and_has_its_stages_below_it()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(world.Source, "file"), "text", Token);
        using TraceReceiver collector = new();

        await RunAsync(
            world,
            0,
            new(collector.Variables) { ["TRACEPARENT"] = Caller, ["OTEL_RESOURCE_ATTRIBUTES"] = "site=vienna" },
            "backup",
            "odd"
        );

        var command = collector.Get("resurgam backup");
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (command.Trace, command.Parent));
        Assert.Equal("0", command.Tags["process.exit.code"]);
        Assert.Equal(("resurgam", "vienna"), (command.Resource["service.name"], command.Resource["site"]));
        var backup = collector.Get("backup");
        Assert.Equal((command.Trace, command.Id, null), (backup.Trace, backup.Parent, backup.Error));
        Assert.Equal(("asset.odd", "4"), (backup.Tags["resurgam.stream"], backup.Tags["resurgam.bytes.read"]));
        var stages = collector.Spans.Where(span => span.Parent == backup.Id).ToList();
        Assert.NotEmpty(stages);
        Assert.Equal(collector.Spans.Count, stages.Count + 2);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_failed_step_is_an_error_below_its_run_and_its_program_knows_the_trace()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(world.Combine("plan.yaml"), Runbook, Token);
        using TraceReceiver collector = new();

        await RunAsync(world, 40, new(collector.Variables), "run", "work", "--as", "anna", "--no-wait");

        var run = collector.Get("run");
        Assert.Equal(collector.Get("resurgam run").Id, run.Parent);
        Assert.Equal(
            ("work", "anna", "open"),
            (run.Tags["resurgam.runbook"], run.Tags["resurgam.person"], run.Tags["resurgam.run.result"])
        );
        var steps = collector.Spans.Where(span => span.Name == "step").ToDictionary(span => span.Tags["resurgam.step"]);
        Assert.Equal(["break", "copy", "tell"], steps.Keys.Order());
        Assert.All(steps.Values, step => Assert.Equal((run.Trace, run.Id), (step.Trace, step.Parent)));
        Assert.Null(steps["copy"].Error);
        Assert.Contains("7", steps["break"].Error, StringComparison.Ordinal);
        Assert.Equal("action-failed", steps["break"].Tags["error.type"]);
        Assert.Equal(steps["copy"].Id, collector.Get("backup").Parent);
        Assert.Equal(
            $"00-{run.Trace}-{steps["tell"].Id}-01\n",
            await File.ReadAllTextAsync(world.Combine("seen"), Token)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task What_the_daemon_does_are_traces_of_their_own()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            "schedules:\n  nightly: { do: backup, asset: odd, cron: '0 3 * * *', zone: UTC }\n",
            Token
        );
        using TraceReceiver collector = new();
        await using var daemon = world.StartWith(collector.Variables, "serve", "--listen", "none");

        await Eventually.HoldsAsync(
            "the backup's span is here",
            () => collector.Spans.Any(span => span.Name == "duty backup"),
            Token
        );

        var duty = collector.Get("duty backup");
        Assert.Equal(("", "backup odd", null), (duty.Parent, duty.Tags["resurgam.duty"], duty.Error));
        Assert.Equal(duty.Id, collector.Get("backup").Parent);
        Assert.All(
            collector.Spans.Where(span => span.Name == "look"),
            look => Assert.Equal(("", false), (look.Parent, look.Trace == duty.Trace))
        );
        Assert.Contains(collector.Spans, span => span.Name == "look");
    }

    [Fact(Timeout = 120_000)]
    public async Task What_is_asked_over_HTTP_belongs_to_the_trace_of_who_asks()
    {
        using var world = await OrderWorld.CreateAsync(TestContext.Current.CancellationToken);
        using TraceReceiver collector = new();
        world.Variables = collector.Variables;
        await using var daemon = await world.StartAsync();
        using Activity caller = new("a test") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        caller.Start(); // the client tells it, as any does

        var taken = await world.SendAsync("POST", "/backups", OrderWorld.Anna, new { of = "odd" }, "k");
        await world.WaitForOrderAsync(taken, OrderWorld.Anna);
        await Eventually.HoldsAsync(
            "the order's span is here",
            () => collector.Spans.Any(span => span.Name == "order backup"),
            Token
        );

        var asked = collector.Get("POST /backups");
        Assert.Equal((caller.TraceId.ToHexString(), "202"), (asked.Trace, asked.Tags["http.response.status_code"]));
        Assert.Equal("anna", asked.Tags["resurgam.person"]);
        var order = collector.Get("order backup");
        Assert.Equal((asked.Trace, asked.Id), (order.Trace, order.Parent));
        Assert.Equal(order.Id, collector.Get("backup").Parent);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_collector_that_is_dead_or_silent_is_told_of_once_and_disturbs_nothing(bool isSilent)
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = Assert.IsType<IPEndPoint>(silent.LocalEndPoint).Port;
        if (isSilent)
            silent.Listen();
        Dictionary<string, string> variables = new(TraceReceiver.VariablesOf(port))
        {
            ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1000",
        };

        var exit = await RunAsync(world, 0, variables, "backup", "odd", "--output", "json");

        Assert.StartsWith("{", exit.Output, StringComparison.Ordinal);
        Assert.Single(exit.Error.Split('\n'), line => line.Contains("traces do not reach", StringComparison.Ordinal));
    }

    [Theory(Timeout = 120_000)]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public async Task Nothing_is_sent_when_a_variable_says_so(string variable, string value)
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        using TraceReceiver collector = new();

        var exit = await RunAsync(world, 0, new(collector.Variables) { [variable] = value }, "backup", "odd");

        Assert.Empty(collector.Spans);
        Assert.DoesNotContain("traces", exit.Error, StringComparison.Ordinal);
    }

    private static async Task<ResurgamExit> RunAsync(
        FilesWorld world,
        int code,
        Dictionary<string, string> variables,
        params string[] arguments
    )
    {
        await using var program = world.StartWith(variables, arguments);
        var exit = await program.WaitForExitAsync(Token);
        Assert.True(exit.ExitCode == code, exit.ToString());
        return exit;
    }
}
