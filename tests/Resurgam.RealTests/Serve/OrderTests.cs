using System.Net;
using Resurgam.RealTests.Drills;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Serve;

/// <summary>What people ask of the daemon over HTTP: who may, what comes of it, and that it comes once.</summary>
public sealed class OrderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task Who_is_not_known_or_asks_wrongly_is_told_so_and_nothing_is_written()
    {
        using var world = await OrderWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var daemon = await world.StartAsync();
        var backup = new { of = "odd" };

        async Task RefusedAsync(HttpStatusCode status, string code, Task<HttpSeen> asked)
        {
            var seen = await asked;
            Assert.True(status == seen.Status, $"{(int)seen.Status}: {seen.Body}");
            Assert.Equal(("application/problem+json", code), (seen.Type, seen.Text("code")));
            Assert.NotEmpty(seen.Text("hint"));
            Assert.Equal(status == HttpStatusCode.Unauthorized ? "Bearer" : "", seen.Challenge);
        }

        const HttpStatusCode unknown = HttpStatusCode.Unauthorized;
        await RefusedAsync(unknown, "api-unauthorized", world.SendAsync("POST", "/backups", null, backup, "k"));
        await RefusedAsync(
            unknown,
            "api-unauthorized",
            world.SendAsync("POST", "/backups", OrderWorld.Anna[..^1], backup, "k")
        );
        await RefusedAsync(unknown, "api-unauthorized", world.SendAsync("POST", "/backups", "short", backup, "k"));
        await RefusedAsync(unknown, "api-unauthorized", world.SendAsync("GET", "/runs", null));
        await RefusedAsync(
            HttpStatusCode.Forbidden,
            "api-forbidden",
            world.SendAsync("POST", "/runs", OrderWorld.Machine, new { runbook = "work", reason = "r" }, "k")
        );
        await RefusedAsync(
            HttpStatusCode.BadRequest,
            "api-key",
            world.SendAsync("POST", "/backups", OrderWorld.Anna, backup)
        );
        foreach (
            var body in new[]
            {
                "",
                "null",
                "{",
                "{}",
                """{"of":1}""",
                """{"of":"odd","resaon":"x"}""",
                """{"of":null}""",
                """{"of":"odd","reason":"\u001b[2J"}""",
            }
        )
            await RefusedAsync(
                HttpStatusCode.BadRequest,
                "api-body",
                world.SendAsync("POST", "/backups", OrderWorld.Anna, body, "k")
            );
        await RefusedAsync(
            HttpStatusCode.BadRequest,
            "api-body",
            world.SendAsync("POST", "/backups", OrderWorld.Anna, $$"""{"of":"{{new string('x', 70_000)}}"}""", "k")
        );
        await RefusedAsync(
            HttpStatusCode.NotFound,
            "plan-asset-unknown",
            world.SendAsync("POST", "/backups", OrderWorld.Anna, new { of = "other" }, "k")
        );
        await RefusedAsync(
            HttpStatusCode.NotFound,
            "runbook-absent",
            world.SendAsync("POST", "/runs", OrderWorld.Anna, new { runbook = "wrok", reason = "r" }, "k")
        );
        await RefusedAsync(
            HttpStatusCode.NotFound,
            "drill-absent",
            world.SendAsync("POST", "/drills", OrderWorld.Anna, new { drill = "none" }, "k")
        );
        await RefusedAsync(
            HttpStatusCode.NotFound,
            "run-absent",
            world.SendAsync("GET", "/runs/none", OrderWorld.Anna)
        );
        await RefusedAsync(HttpStatusCode.NotFound, "api-absent", world.SendAsync("GET", "/run", null));
        await RefusedAsync(
            HttpStatusCode.MethodNotAllowed,
            "api-method",
            world.SendAsync("GET", "/backups", OrderWorld.Anna)
        );
        using HttpClient http = new();
        using HttpRequestMessage elsewhere = new(HttpMethod.Get, $"http://127.0.0.1:{world.Port}/healthz");
        elsewhere.Headers.Host = "evil.example";
        using var misdirected = await http.SendAsync(elsewhere, Token);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, misdirected.StatusCode);

        Assert.Empty(await world.EntriesAsync("api.orders"));
        daemon.Signal(15);
        var log = (await daemon.WaitForExitAsync(Token)).Error;
        Assert.Contains("the token of weak is shorter than 32 characters", log, StringComparison.Ordinal);
        Assert.DoesNotContain(OrderWorld.Anna, log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 180_000)]
    public async Task A_backup_that_is_asked_for_ten_times_by_one_key_is_taken_once()
    {
        using var world = await OrderWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var daemon = await world.StartAsync();

        var taken = await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(_ =>
                    world.SendAsync(
                        "POST",
                        "/backups",
                        OrderWorld.Machine,
                        new { of = "odd", reason = "deploy 17" },
                        "k-1"
                    )
                )
        );
        Assert.All(taken, one => Assert.True(one.Status == HttpStatusCode.Accepted, one.Body));
        var order = await world.WaitForOrderAsync(taken[0], OrderWorld.Machine);
        var again = await world.SendAsync(
            "POST",
            "/backups",
            OrderWorld.Machine,
            new { of = "odd", reason = "deploy 17" },
            "k-1"
        );
        var other = await world.SendAsync(
            "POST",
            "/backups",
            OrderWorld.Machine,
            new { of = "odd", reason = "deploy 18" },
            "k-1"
        );

        Assert.Equal(
            ("passed", "machine", "deploy 17"),
            (order.Text("state"), order.Text("person"), order.Text("reason"))
        );
        Assert.Contains("snapshot ", order.Text("what"), StringComparison.Ordinal);
        Assert.Single(taken.Append(again).Select(one => one.Location).Distinct());
        Assert.Equal("passed", again.Text("state"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "api-key-reused"), (other.Status, other.Text("code")));
        Assert.Single(await world.EntriesAsync("asset.odd"));
        var entry = (await world.EntriesAsync("api.orders"))[0].GetProperty("body");
        Assert.Equal(
            ("machine", "odd"),
            (entry.GetProperty("person").GetString(), entry.GetProperty("of").GetString())
        );
        await world.Files.RunAsync("ledger", "verify");
    }

    [Fact(Timeout = 240_000)]
    public async Task A_run_outlives_its_daemon_and_an_approval_goes_by_the_rules_and_counts_once()
    {
        using var world = await OrderWorld.CreateAsync(TestContext.Current.CancellationToken);
        var begin = new { runbook = "work", reason = "a test" };
        string run;
        await using (var first = await world.StartAsync())
        {
            var taken = await world.SendAsync("POST", "/runs", OrderWorld.Anna, begin, "begin");
            Assert.True(taken.Status == HttpStatusCode.Accepted, taken.Body);
            run = await world.WaitForGateAsync(taken);
            first.Kill();
            await first.WaitForExitAsync(Token);
        }
        await using var second = await world.StartAsync();
        var gate = $"/runs/{run}/steps/gate/approve";
        var reason = new { reason = "looks right" };

        var oneself = await world.SendAsync("POST", gate, OrderWorld.Anna, reason, "approve");
        var approved = await world.SendAsync("POST", gate, OrderWorld.Ben, reason, "approve");
        var repeated = await world.SendAsync("POST", gate, OrderWorld.Ben, reason, "approve");
        var again = await world.SendAsync("POST", gate, OrderWorld.Ben, reason, "approve-2");
        var order = await world.WaitForOrderAsync(
            await world.SendAsync("POST", "/runs", OrderWorld.Anna, begin, "begin"),
            OrderWorld.Anna
        );

        Assert.Equal((HttpStatusCode.Conflict, "run-word"), (oneself.Status, oneself.Text("code")));
        Assert.Equal(
            (HttpStatusCode.OK, "approved", "ben"),
            (approved.Status, approved.Text("word"), approved.Text("person"))
        );
        Assert.Equal((approved.Status, approved.Body), (repeated.Status, repeated.Body));
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Equal(("passed", run), (order.Text("state"), order.Text("run")));
        Assert.Equal("first\nlast\n", await world.EffectsAsync());
        var entries = await world.EntriesAsync($"run.{run}");
        Assert.Equal("anna", entries[0].GetProperty("body").GetProperty("person").GetString());
        var words = entries.Where(entry => entry.GetProperty("kind").GetString() == "run-approved");
        Assert.Equal("ben", Assert.Single(words).GetProperty("body").GetProperty("person").GetString());
        var listed = await world.SendAsync("GET", "/runs?open=true", OrderWorld.Anna);
        Assert.DoesNotContain(run, listed.Body, StringComparison.Ordinal);
        using (new FlippedBit(Path.Combine(world.Files.Vault, "ledger", $"run.{run}", "000000000001")))
            listed = await world.SendAsync("GET", "/runs", OrderWorld.Anna);
        Assert.Equal(HttpStatusCode.OK, listed.Status);
        Assert.Contains("ledger-damaged", listed.Body, StringComparison.Ordinal);
        second.Signal(15);
        Assert.Equal(0, (await second.WaitForExitAsync(Token)).ExitCode);
        await world.Files.RunAsync("ledger", "verify", "--all-signatures");
    }

    [Fact(Timeout = 240_000)]
    public async Task An_aborted_run_ends_and_a_plan_that_changes_meanwhile_does_not_cut_it_off()
    {
        using var world = await OrderWorld.CreateAsync(TestContext.Current.CancellationToken);
        await using var daemon = await world.StartAsync();
        var taken = await world.SendAsync(
            "POST",
            "/runs",
            OrderWorld.Anna,
            new { runbook = "work", reason = "r" },
            "b"
        );
        var run = await world.WaitForGateAsync(taken);
        await File.AppendAllTextAsync(world.Files.Combine("plan.yaml"), "vendors:\n  aws: { about: clouds }\n", Token);
        await daemon.WaitForLineAsync("the plan has changed", Token);

        await Eventually.HoldsAsync(
            () => "the abort does not count",
            async () =>
                (await world.SendAsync("POST", $"/runs/{run}/abort", OrderWorld.Ben, new { reason = "no" }, "a")).Status
                == HttpStatusCode.OK,
            Token
        );
        HttpSeen order = taken;
        await Eventually.HoldsAsync(
            () => order.Body,
            async () =>
                (order = await world.SendAsync("GET", taken.Location, OrderWorld.Anna)).Status == HttpStatusCode.OK
                && order.Text("state") == "failed",
            Token
        );

        Assert.Contains("aborted", order.Text("what"), StringComparison.Ordinal);
        Assert.Single(
            await world.EntriesAsync($"run.{run}"),
            entry => entry.GetProperty("kind").GetString() == "run-led"
        );
    }

    [Fact(Timeout = 180_000)]
    public async Task Through_the_unix_socket_the_kernel_says_who_asks()
    {
        using var world = await OrderWorld.CreateAsync(TestContext.Current.CancellationToken);
        var socket = world.Files.Combine("api.sock");
        await using (var killed = await world.StartAsync("--listen", $"unix:{socket}"))
        {
            killed.Kill();
            await killed.WaitForExitAsync(Token);
        }
        Assert.True(File.Exists(socket));
        await using var daemon = await world.StartAsync("--listen", $"unix:{socket}");

        var taken = await world.SendThroughAsync(socket, "POST", "/backups", new { of = "odd" }, "k");

        Assert.True(taken.Status == HttpStatusCode.Accepted, taken.Body);
        Assert.Equal("anna", taken.Text("person"));
        await world.WaitForOrderAsync(taken, OrderWorld.Anna);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(socket)
        );
        await using var other = world.Files.Start("serve", "--listen", $"unix:{socket}");
        Assert.Contains("listen-failed", (await other.WaitForExitAsync(Token)).Error, StringComparison.Ordinal);
        var plan = world.Files.Combine("plan.yaml");
        await using var wrong = world.Files.Start("serve", "--listen", $"unix:{plan}");
        Assert.Contains("is no socket", (await wrong.WaitForExitAsync(Token)).Error, StringComparison.Ordinal);
        Assert.True(File.Exists(plan));
    }

    [Fact(Timeout = 240_000)]
    public async Task A_drill_is_carried_out_and_one_that_is_cut_off_is_undone_and_not_begun_again()
    {
        var token = TestContext.Current.CancellationToken;
        var (files, service) = await ServiceDrillTests.WorldAsync(token, hold: "2s");
        using var world = await OrderWorld.CreateAsync(files, token);
        var plan = files.Combine("plan.yaml");
        HttpSeen cut;
        await using (var first = await world.StartAsync())
        {
            var whole = await world.SendAsync("POST", "/drills", OrderWorld.Anna, new { drill = "api" }, "whole");
            var passed = await world.WaitForOrderAsync(whole, OrderWorld.Anna);
            Assert.True(passed.Text("state") == "passed", passed.Body);
            Assert.StartsWith("drill-api-", passed.Text("run"), StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                plan,
                (await File.ReadAllTextAsync(plan, Token)).Replace(
                    "hold-for: 2s",
                    "hold-for: 90s",
                    StringComparison.Ordinal
                ),
                Token
            );
            await first.WaitForLineAsync("the plan has changed", Token);
            cut = new(HttpStatusCode.ServiceUnavailable, "", "", "", "");
            await Eventually.HoldsAsync(
                () => cut.Body,
                async () =>
                    (
                        cut = await world.SendAsync("POST", "/drills", OrderWorld.Anna, new { drill = "api" }, "cut")
                    ).Status == HttpStatusCode.Accepted,
                Token
            );
            await first.WaitForLineAsync("drill-hold: running", Token);
            first.Kill();
            await first.WaitForExitAsync(Token);
        }
        Assert.True(ServiceDrillTests.IsUp(service));
        await using var second = await world.StartAsync();

        var order = await world.WaitForOrderAsync(cut, OrderWorld.Anna);

        Assert.Equal(("failed", "cut off in the middle, and undone"), (order.Text("state"), order.Text("what")));
        Assert.False(ServiceDrillTests.IsUp(service));
        Assert.Equal(
            2,
            (await world.EntriesAsync("drill.all")).Count(entry =>
                entry.GetProperty("kind").GetString() == "drill-begun"
            )
        );
        var run = (await world.EntriesAsync($"run.{order.Text("run")}"))[0];
        Assert.Equal("anna", run.GetProperty("body").GetProperty("person").GetString());
    }
}
