using System.Globalization;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Runs;

/// <summary>Restores of runs: to a moment, and on a machine whose plan knows no assets.</summary>
public sealed class RunPointTests
{
    [Fact(Timeout = 120_000)]
    public async Task Files_come_back_as_they_were_at_a_moment_and_a_run_to_an_earlier_one_does_not_begin()
    {
        var token = TestContext.Current.CancellationToken;
        using var world = await WorldAsync(token);
        var note = Path.Combine(world.Source, "note");
        await File.WriteAllTextAsync(note, "old", token);
        var old = await BackUpAsync(world);
        await File.WriteAllTextAsync(note, "new", token);
        await BackUpAsync(world);
        var (at, before) = (TextOf(old), TextOf(old.AddSeconds(-1)));

        var none = await world.TryRunAsync("run", "work", "--at", before, "--reason", "a test");
        var planned = await world.TryRunAsync("run", "work", "--at", before, "--dry-run");
        var alone = await world.TryRunAsync("restore", "odd", "--at", before, "--to", world.Combine("none"));
        var log = await world.TryRunAsync("restore", "odd", "--at", "0/3000060", "--to", world.Combine("none"));
        Assert.All([none, planned, alone], exit => Assert.True(exit.ExitCode == 10, exit.ToString()));
        Assert.Contains("no snapshot of odd was taken at", none.Error, StringComparison.Ordinal);
        Assert.Contains("restore odd to", planned.Output, StringComparison.Ordinal);
        Assert.Equal(2, log.ExitCode);
        Assert.False(File.Exists(world.Combine("first")));
        Assert.Contains("0 runs", await world.RunAsync("runs", "list"), StringComparison.Ordinal);

        await world.RunAsync("run", "work", "--at", at, "--dry-run");
        await world.RunAsync("run", "work", "--at", at, "--reason", "a test");
        await world.RunAsync("restore", "odd", "--at", at, "--to", world.Combine("alone"));

        foreach (var folder in (string[])["back", "alone"])
            Assert.Equal(
                "old",
                await File.ReadAllTextAsync(Path.Combine(world.Combine(folder), world.SourcePath, "note"), token)
            );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_goes_on_where_only_the_vault_is_known()
    {
        var token = TestContext.Current.CancellationToken;
        using var world = await WorldAsync(token);
        await File.WriteAllTextAsync(Path.Combine(world.Source, "note"), "kept", token);
        await BackUpAsync(world);
        var begun = await world.TryRunAsync("run", "guarded", "--reason", "a test", "--no-wait", "--output", "json");
        Assert.True(begun.ExitCode == 40, begun.ToString());
        using var document = JsonDocument.Parse(begun.Output);
        var run = document.RootElement.GetProperty("run").GetString() ?? "";
        var plan = await File.ReadAllTextAsync(world.Combine("plan.yaml"), token);
        plan = plan[..plan.IndexOf("assets:", StringComparison.Ordinal)] + "assets: {}\n";
        await File.WriteAllTextAsync(world.Combine("plan.yaml"), plan, token);

        await world.RunAsync("runs", "approve", run, "gate", "--as", "ben", "--reason", "seen");
        await world.RunAsync("runs", "resume", run, "--reason", "go on here");

        Assert.Equal(
            "kept",
            await File.ReadAllTextAsync(Path.Combine(world.Combine("back"), world.SourcePath, "note"), token)
        );
    }

    private static async Task<FilesWorld> WorldAsync(CancellationToken cancellationToken)
    {
        var world = await FilesWorld.CreateAsync(cancellationToken);
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            $$"""
            runbooks:
              work:
                steps:
                  first: { action: command, with: { argv: [touch, {{world.Combine("first")}}] } }
                  back: { action: vault-restore, with: { asset: odd, to: {{world.Combine("back")}} }, needs: [first] }
              guarded:
                steps:
                  gate: { action: approve, approval: { by: [ben] } }
                  prove: { action: vault-verify, with: { asset: odd }, needs: [gate] }
                  back: { action: vault-restore, with: { asset: odd, to: {{world.Combine("back")}} }, needs: [prove] }
                  again: { action: vault-backup, with: { asset: odd }, needs: [back] }

            """,
            cancellationToken
        );
        return world;
    }

    /// <returns>When the snapshot was taken.</returns>
    private static async Task<DateTimeOffset> BackUpAsync(FilesWorld world)
    {
        await world.RunAsync("backup", "odd");
        using var listed = JsonDocument.Parse(await world.RunAsync("snapshots", "odd", "--output", "json"));
        return listed
            .RootElement.GetProperty("snapshots")
            .EnumerateArray()
            .Max(one => one.GetProperty("time").GetDateTimeOffset());
    }

    private static string TextOf(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
