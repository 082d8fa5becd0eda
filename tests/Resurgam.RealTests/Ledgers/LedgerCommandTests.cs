using System.Diagnostics;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Ledgers;

/// <summary>The ledger through the program, and an export of it through openssl, jq and sha256sum.</summary>
public sealed class LedgerCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [InlineData("")]
    [InlineData("--all")]
    public async Task An_export_verifies_without_resurgam_and_every_kind_of_tampering_is_found(string option)
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await BackUpTwiceAsync(world);
        await world.RunAsync("restore", "odd", "--to", world.Combine("out"));
        using var verified = await VerifyAsync(world);
        var key = verified.RootElement.GetProperty("root").GetString()!;
        var export = world.Combine("export");
        await world.RunAsync("ledger", "export", export);

        var whole = await CheckAsync(export, "--key", key, option);
        Assert.True(whole.ExitCode == 0, whole.Output);
        Assert.EndsWith("whole\n", whole.Output, StringComparison.Ordinal);

        await AssertFoundAsync(
            export,
            option,
            "asset.odd.jsonl",
            text => text.Replace("\"kind\":\"restore\"", "\"kind\":\"backup\"")
        );
        await AssertFoundAsync(
            export,
            option,
            "asset.odd.jsonl",
            text => text.Replace("\"mode\":\"full\"", "\"mode\":\"none\"")
        );
        await AssertFoundAsync(
            export,
            option,
            "asset.odd.jsonl",
            text => text[..(text.IndexOf('\n', StringComparison.Ordinal) + 1)] + text
        );
        await AssertFoundAsync(export, option, "asset.odd.jsonl", _ => ""); // the day's anchor names its first entry
        await AssertFoundAsync(export, option, "vault.jsonl", text => text.Replace("\"node\":\"", "\"node\":\"x"));
        Assert.Equal(
            1,
            (await CheckAsync(export, "--key", key.Replace(key[0], key[0] == '0' ? '1' : '0'), option)).ExitCode
        );
        Assert.Equal(0, (await CheckAsync(export, "--key", key, option)).ExitCode);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_ledger_that_cannot_be_written_loses_no_backup_and_is_written_later()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        var ledger = Path.Combine(world.Vault, "ledger");
        Directory.Move(ledger, ledger + ".away");
        await File.WriteAllTextAsync(ledger, "a file where the folder should be", Token);

        var backup = await world.TryRunAsync("backup", "odd", "--output", "json");

        Assert.True(backup.ExitCode == 0, backup.ToString());
        Assert.Contains("the ledger does not tell of this yet", backup.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\"ledger\"", backup.Output, StringComparison.Ordinal);

        File.Delete(ledger);
        Directory.Move(ledger + ".away", ledger);
        await world.BackUpAsync();
        using var shown = JsonDocument.Parse(
            await world.RunAsync("ledger", "show", "--stream", "asset.odd", "--output", "json")
        );
        var entries = shown.RootElement.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(2, entries.Count);
        Assert.True(entries[0].GetProperty("body").TryGetProperty("occurredAt", out _));
        Assert.False(entries[1].GetProperty("body").TryGetProperty("occurredAt", out _));
        using var verified = await VerifyAsync(world);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_failed_is_told_and_a_machine_without_its_state_writes_on()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        Directory.Delete(world.Combine("state"), recursive: true);
        Directory.Delete(world.Source, recursive: true);

        Assert.NotEqual(0, (await world.TryRunAsync("backup", "odd")).ExitCode);

        var shown = await world.RunAsync("ledger", "show");
        Assert.Contains("backup-failed", shown, StringComparison.Ordinal);
        Assert.Equal(2, shown.Split("key-introduced").Length - 1);
        using var verified = await VerifyAsync(world);
    }

    [Fact(Timeout = 120_000)]
    public async Task Copies_that_were_both_written_to_are_shown_as_a_fork()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        var copy = world.Combine("copy");
        await RunToolAsync("cp", ["-a", world.Vault, copy]);
        await world.BackUpAsync();
        Assert.Equal(0, (await world.TryRunAsync("ledger", "verify", "--copy", copy)).ExitCode); // merely behind
        var ours = world.Combine("ours");
        Directory.Move(world.Vault, ours);
        Directory.Move(copy, world.Vault);
        Directory.Delete(world.Combine("state"), recursive: true);
        await world.BackUpAsync();

        var fork = await world.TryRunAsync("ledger", "verify", "--copy", ours);

        Assert.True(fork.ExitCode == 20, fork.ToString());
        Assert.Contains(
            "forked    asset.odd: after entry 1 there are 1 entries here and 1 others",
            fork.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("  here   2 ", fork.Output, StringComparison.Ordinal);
        Assert.Contains("  there  2 ", fork.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task This_machine_remembers_entries_that_the_store_drops()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await BackUpTwiceAsync(world);
        File.Delete(Path.Combine(world.Vault, "ledger/asset.odd/000000000002"));

        var verify = await world.TryRunAsync("ledger", "verify");

        Assert.True(verify.ExitCode == 20, verify.ToString());
        Assert.Contains("its last entries were dropped", verify.Output, StringComparison.Ordinal);
    }

    private static async Task BackUpTwiceAsync(FilesWorld world)
    {
        await world.BackUpAsync();
        await world.BackUpAsync();
    }

    /// <returns>What <c>ledger verify</c> prints; it has to be whole.</returns>
    private static async Task<JsonDocument> VerifyAsync(FilesWorld world) =>
        JsonDocument.Parse(await world.RunAsync("ledger", "verify", "--all-signatures", "--output", "json"));

    private static async Task AssertFoundAsync(string export, string option, string file, Func<string, string> tamper)
    {
        var path = Path.Combine(export, file);
        var healthy = await File.ReadAllTextAsync(path, Token);
        var damaged = tamper(healthy);
        Assert.NotEqual(healthy, damaged);
        await File.WriteAllTextAsync(path, damaged, Token);
        var found = await CheckAsync(export, option);
        await File.WriteAllTextAsync(path, healthy, Token);
        Assert.True(found.ExitCode == 1, $"{file}: {found.Output}");
        Assert.Contains("FOUND", found.Output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> CheckAsync(string export, params string[] options)
    {
        foreach (var tool in (string[])["jq", "openssl"])
            RequireTool(tool);
        return RunToolAsync(
            Path.Combine(FindRepository(), "docs/verify-ledger"),
            [export, .. options.Where(option => option.Length > 0)]
        );
    }

    private static async Task<(int ExitCode, string Output)> RunToolAsync(string program, string[] arguments)
    {
        ProcessStartInfo info = new(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output);
    }

    private static void RequireTool(string name)
    {
        var isHere = Environment
            .GetEnvironmentVariable("PATH")!
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, name)));
        Assert.False(!isHere && Environment.GetEnvironmentVariable("CI") == "true", $"CI has no {name}");
        Assert.SkipUnless(isHere, $"{name} is not installed: apt-get install {name}");
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Resurgam.slnx")))
            folder =
                Path.GetDirectoryName(folder)
                ?? throw new DirectoryNotFoundException("no Resurgam.slnx above the tests");
        return folder;
    }
}
