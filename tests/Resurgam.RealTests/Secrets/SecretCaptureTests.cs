using System.Text;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Secrets;

/// <summary>A key that the plan protects, by the program itself: kept, compared, and seen by nobody.</summary>
public sealed class SecretCaptureTests : IDisposable
{
    private const string Key = "phi-master-key-0123456789abcdef";
    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-secret-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_kept_key_comes_back_and_lies_nowhere_in_clear()
    {
        await BeginAsync("from: { env: PHI }", TestContext.Current.CancellationToken);
        var said = await RunAsync(0, Key, "backup", "phi") + await RunAsync(0, Key, "verify", "phi");
        Assert.DoesNotContain("unmeasured", await RunAsync(0, null, "status"), StringComparison.Ordinal);
        said += await RunAsync(0, null, "restore", "phi", "--to", Path.Combine(_folder, "to"));
        said += await RunAsync(0, null, "ledger", "show");

        var file = Path.Combine(_folder, "to/phi");
        Assert.Equal(Key, await File.ReadAllTextAsync(file, Token));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(Key, said, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(_folder, "to"), recursive: true);
        foreach (var other in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
            Assert.True(
                (await File.ReadAllBytesAsync(other, Token)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Key)) < 0,
                $"{other} has it"
            );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_key_that_changes_or_goes_is_a_finding_and_a_failed_verification()
    {
        await BeginAsync("from: { env: PHI }", TestContext.Current.CancellationToken);
        Assert.Contains("secret-missing", await RunAsync(4, null, "backup", "phi"), StringComparison.Ordinal);
        var first = JsonDocument.Parse(await RunAsync(0, Key, "backup", "phi")).RootElement;
        Assert.Contains("another secret", await RunAsync(21, "other", "verify", "phi"), StringComparison.Ordinal);
        Assert.Contains("is not set", await RunAsync(21, null, "verify", "phi"), StringComparison.Ordinal);

        Assert.Contains(
            "another secret than in snapshot",
            await RunAsync(23, "other", "backup", "phi"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the snapshot keeps phi as it was",
            await RunAsync(23, null, "backup", "phi"),
            StringComparison.Ordinal
        );
        await RunAsync(0, "other", "verify", "phi");
        await RunAsync(
            0,
            null,
            "restore",
            first.GetProperty("snapshot").GetString()!,
            "--to",
            Path.Combine(_folder, "old")
        );
        Assert.Equal(Key, await File.ReadAllTextAsync(Path.Combine(_folder, "old/phi"), Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task BeginAsync(string keys, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{Path.Combine(_folder, "state")}}
            vault: { store: "file://{{Path.Combine(_folder, "vault")}}", secret: { env: {{Variable}} } }
            assets:
              phi: { kind: secret, {{keys}} }

            """,
            cancellationToken
        );
        await RunAsync(0, null, "vault", "create");
    }

    /// <returns>All that it says.</returns>
    private async Task<string> RunAsync(int exitCode, string? key, params string[] arguments)
    {
        Dictionary<string, string> environment = new() { [Variable] = "vault secret" };
        if (key is not null)
            environment["PHI"] = key;
        var exit = await ResurgamProcess.RunAsync(
            ["--plan", "plan.yaml", .. arguments, "--output", "json"],
            new ResurgamSurroundings { Folder = _folder, Environment = environment },
            Token
        );
        Assert.True(exit.ExitCode == exitCode, exit.ToString());
        return exit.Output + (exitCode == 0 ? "" : exit.Error);
    }
}
