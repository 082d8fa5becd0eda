using System.Diagnostics;

namespace Resurgam.RealTests.Support;

/// <summary>The distribution's restic with a repository in a scratch folder of its own.</summary>
internal sealed class StockRestic : IDisposable
{
    public const string Password = "geheim";

    private StockRestic(string folder) => Folder = folder;

    /// <summary>Scratch space for the test; gone afterwards.</summary>
    public string Folder { get; }

    public string Repository => Path.Combine(Folder, "repository");

    /// <summary>Skips the test where there is no restic; in CI that is a failure.</summary>
    public static StockRestic Create()
    {
        var isHere = Environment
            .GetEnvironmentVariable("PATH")!
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "restic")));
        Assert.False(!isHere && Environment.GetEnvironmentVariable("CI") == "true", "CI has no restic");
        Assert.SkipUnless(isHere, "restic is not installed: apt-get install restic");
        return new StockRestic(Directory.CreateTempSubdirectory("resurgam-restic-").FullName);
    }

    /// <summary>Runs restic, which has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TryRunAsync(arguments);
        Assert.True(exitCode == 0, $"restic {string.Join(' ', arguments)}: exit code {exitCode}\n{output}\n{error}");
        return output;
    }

    public async Task<(int ExitCode, string Output, string Error)> TryRunAsync(params string[] arguments)
    {
        using var restic = Start(arguments);
        restic.StandardInput.Close();
        return await FinishAsync(restic);
    }

    /// <summary>Starts restic in UTC, or in the time zone given as <c>TZ=...</c> before the arguments.</summary>
    public Process Start(params string[] arguments)
    {
        var hasZone = arguments[0].StartsWith("TZ=", StringComparison.Ordinal);
        ProcessStartInfo start = new("restic", hasZone ? arguments[1..] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["TZ"] = hasZone ? arguments[0]["TZ=".Length..] : "UTC",
                ["RESTIC_REPOSITORY"] = Repository,
                ["RESTIC_PASSWORD"] = Password,
                ["RESTIC_CACHE_DIR"] = Path.Combine(Folder, "cache"),
            },
        };
        return Process.Start(start)!;
    }

    public static async Task<(int ExitCode, string Output, string Error)> FinishAsync(Process restic)
    {
        var token = TestContext.Current.CancellationToken;
        var output = restic.StandardOutput.ReadToEndAsync(token);
        var error = restic.StandardError.ReadToEndAsync(token);
        await restic.WaitForExitAsync(token);
        return (restic.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
