using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Runs;

/// <summary>What the commands show of a run: how it stands, what people said, and what has to be done.</summary>
public sealed class RunWordsTests
{
    private const string Guarded = """
        runbooks:
          work:
            steps:
              first: { action: command, with: { argv: ['true'] } }
              gate: { action: approve, approval: { by: [anna, ben] }, needs: [first] }

        """;

    [Fact(Timeout = 120_000)]
    public async Task A_run_that_was_aborted_and_that_nobody_leads_says_so_and_what_ends_it()
    {
        using var world = await WorldAsync(Guarded, TestContext.Current.CancellationToken);
        var run = await BeginAsync(world);
        using var aborted = JsonDocument.Parse(
            await world.RunAsync("runs", "abort", run, "--as", "carl", "--reason", "wrong", "--output", "json")
        );

        var next = aborted.RootElement.GetProperty("next").GetString();
        Assert.Contains($"runs resume {run} --reason", next, StringComparison.Ordinal);
        var text = await world.RunAsync("runs", "show", run);
        Assert.Contains(": aborting", text, StringComparison.Ordinal);
        Assert.Contains("carl aborted the run: wrong", text, StringComparison.Ordinal);
        Assert.Contains($"next         {next}", text, StringComparison.Ordinal);
        Assert.Contains("  aborting ", await world.RunAsync("runs", "list", "--open"), StringComparison.Ordinal);
        using var shown = JsonDocument.Parse(await world.RunAsync("runs", "show", run, "--output", "json"));
        Assert.Equal("carl", shown.RootElement.GetProperty("abort").GetProperty("person").GetString());

        var ended = await world.TryRunAsync("runs", "resume", run, "--reason", "the undo", "--output", "json");
        Assert.True(ended.ExitCode == 41, ended.ToString());
        using var document = JsonDocument.Parse(ended.Output);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("next").ValueKind);
        Assert.Equal("aborted", document.RootElement.GetProperty("state").GetString());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_rejection_that_was_overturned_and_broken_glass_stay_in_the_run_until_another_person_reviews()
    {
        using var world = await WorldAsync(Guarded, TestContext.Current.CancellationToken);
        var run = await BeginAsync(world);
        await world.RunAsync("runs", "reject", run, "gate", "--as", "ben", "--reason", "no way");
        await world.RunAsync("runs", "approve", run, "gate", "--as", "eve", "--reason", "I must", "--break-glass");
        await world.RunAsync("runs", "resume", run, "--as", "eve", "--reason", "go on");

        var text = await world.RunAsync("runs", "show", run);
        Assert.Contains("ben rejected gate: no way", text, StringComparison.Ordinal);
        Assert.Contains("eve, breaking the glass, approved gate: I must", text, StringComparison.Ordinal);
        Assert.Contains("eve resumed the run: go on", text, StringComparison.Ordinal);
        Assert.Contains($"runs review {run}", text, StringComparison.Ordinal);
        Assert.Contains("BREAK-GLASS, to be reviewed", await world.RunAsync("runs", "list"), StringComparison.Ordinal);

        Assert.Equal(10, (await world.TryRunAsync("runs", "review", run, "--as", "eve", "--reason", "fine")).ExitCode);
        await world.RunAsync("runs", "review", run, "--as", "anna", "--reason", "she was right");

        Assert.Contains("BREAK-GLASS, reviewed", await world.RunAsync("runs", "list"), StringComparison.Ordinal);
        using var shown = JsonDocument.Parse(await world.RunAsync("runs", "show", run, "--output", "json"));
        Assert.Equal("done", shown.RootElement.GetProperty("review").GetString());
        Assert.Equal(
            ["ben rejected", "eve approved", "eve resumed", "anna reviewed"],
            shown
                .RootElement.GetProperty("words")
                .EnumerateArray()
                .Select(word => $"{word.GetProperty("person").GetString()} {word.GetProperty("word").GetString()}")
        );
        await world.RunAsync("ledger", "verify", "--all-signatures");
    }

    [Theory(Timeout = 120_000)]
    [InlineData(1, null)]
    [InlineData(3, "anna")]
    public async Task A_damaged_run_is_listed_as_such_and_hides_no_other(int entry, string? requester)
    {
        using var world = await WorldAsync(Guarded, TestContext.Current.CancellationToken);
        var (hurt, whole) = (await BeginAsync(world), await BeginAsync(world));
        using var flip = new FlippedBit(Path.Combine(world.Vault, "ledger", $"run.{hurt}", $"{entry:d12}"));

        var listed = await world.TryRunAsync("runs", "list", "--open", "--output", "json");

        Assert.True(listed.ExitCode == 20, listed.ToString());
        using var document = JsonDocument.Parse(listed.Output);
        Assert.Equal(
            [(hurt, "damaged"), (whole, "waiting")],
            document
                .RootElement.GetProperty("runs")
                .EnumerateArray()
                .Select(run => (run.GetProperty("run").GetString() ?? "", run.GetProperty("state").GetString() ?? ""))
        );
        Assert.Equal(requester, document.RootElement.GetProperty("runs")[0].GetProperty("requester").GetString());
        var text = await world.TryRunAsync("runs", "list");
        Assert.Contains("(ledger-damaged)", text.Output, StringComparison.Ordinal);
        Assert.Contains("2 runs", text.Output, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("", "by itself")]
    [InlineData("irreversible: true, ", null)]
    public async Task A_dry_run_says_of_no_irreversible_step_that_it_is_undone_by_itself(string option, string? undo)
    {
        using var world = await WorldAsync(
            $$"""
            targets: { db: { kind: postgres, connection: host=127.0.0.1 port=1 } }
            runbooks: { work: { steps: { a: { action: postgres-fence, {{option}}with: { target: db } } } } }

            """,
            TestContext.Current.CancellationToken
        );

        using var planned = JsonDocument.Parse(await world.RunAsync("run", "work", "--dry-run", "--output", "json"));

        Assert.Equal(undo, planned.RootElement.GetProperty("steps")[0].GetProperty("undo").GetString());
    }

    private static async Task<FilesWorld> WorldAsync(string plan, CancellationToken token)
    {
        var world = await FilesWorld.CreateAsync(token);
        await File.AppendAllTextAsync(world.Combine("plan.yaml"), plan, token);
        return world;
    }

    /// <returns>A run that waits for people, and that no process leads any more.</returns>
    private static async Task<string> BeginAsync(FilesWorld world)
    {
        var begun = await world.TryRunAsync(
            "run",
            "work",
            "--as",
            "anna",
            "--reason",
            "a test",
            "--no-wait",
            "--output",
            "json"
        );
        Assert.True(begun.ExitCode == 40, begun.ToString());
        using var document = JsonDocument.Parse(begun.Output);
        return document.RootElement.GetProperty("run").GetString() ?? "";
    }
}
