using System.Diagnostics;

namespace Resurgam.RealTests.Support;

/// <summary>The distribution's restic with a repository in a scratch folder of its own.</summary>
internal sealed class StockRestic : IDisposable
{
    public const string Password = "geheim";

    private readonly CancellationToken _cancellationToken;

    private StockRestic(string folder, CancellationToken cancellationToken)
    {
        Folder = folder;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Scratch space for the test; gone afterwards.</summary>
    public string Folder { get; }

    public string Repository => Path.Combine(Folder, "repository");

    /// <summary>Skips the test where there is no restic; in CI that is a failure.</summary>
    /// <param name="cancellationToken">Of the test: ends the wait for restic.</param>
    public static StockRestic Create(CancellationToken cancellationToken)
    {
        var isHere = Environment
            .GetEnvironmentVariable("PATH")!
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "restic")));
        Assert.False(!isHere && Environment.GetEnvironmentVariable("CI") == "true", "CI has no restic");
        Assert.SkipUnless(isHere, "restic is not installed: apt-get install restic");
        return new StockRestic(Directory.CreateTempSubdirectory("resurgam-restic-").FullName, cancellationToken);
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
                ["AWS_ACCESS_KEY_ID"] = S3Server.AccessKey,
                ["AWS_SECRET_ACCESS_KEY"] = S3Server.SecretKey,
                ["RESTIC_CACHE_DIR"] = Path.Combine(Folder, "cache"),
            },
        };
        return Process.Start(start)!;
    }

    public async Task<(int ExitCode, string Output, string Error)> FinishAsync(Process restic)
    {
        var output = restic.StandardOutput.ReadToEndAsync(_cancellationToken);
        var error = restic.StandardError.ReadToEndAsync(_cancellationToken);
        await restic.WaitForExitAsync(_cancellationToken);
        return (restic.ExitCode, await output, await error);
    }

    /// <summary>By <c>rm</c>: the base library cannot delete a file whose name is not UTF-8.</summary>
    public void Dispose()
    {
        using var remove = Process.Start("rm", ["-rf", Folder]);
        remove.WaitForExit();
    }
}
