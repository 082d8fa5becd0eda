using Resurgam.Adapters.Processes;
using Resurgam.Core.Assets;

namespace Resurgam.Adapters.Redis.Servers;

/// <summary>The programs of Redis, or Valkey, that look at data directories.</summary>
/// <param name="program">Whose data they are: <c>redis</c> or <c>valkey</c>.</param>
/// <param name="configured">Folder from the plan.</param>
internal sealed class RedisTools(string program, string? configured, TimeProvider time)
{
    /// <summary>They read all data once, at hundreds of megabytes a second.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromHours(12);

    /// <returns>Nothing for a tool that is not installed.</returns>
    public async Task<IReadOnlyList<VerificationCheck>> CheckAsync(
        string folder,
        string? dataFile,
        string? manifest,
        CancellationToken cancellationToken
    )
    {
        List<VerificationCheck> checks = [];
        if (dataFile is not null && RedisBinaries.FindTool(program, "check-rdb", configured) is { } checkRdb)
            checks.Add(await RunAsync(checkRdb, Path.Combine(folder, dataFile), cancellationToken));
        if (manifest is not null && RedisBinaries.FindTool(program, "check-aof", configured) is { } checkAof)
            checks.Add(await RunAsync(checkAof, Path.Combine(folder, manifest), cancellationToken));
        return checks;
    }

    private async Task<VerificationCheck> RunAsync(string tool, string file, CancellationToken cancellationToken)
    {
        ProcessRequest request = new()
        {
            Program = tool,
            Arguments = [file],
            Timeout = Limit,
        };
        var result = await new ProcessRunner(time).RunAsync(request, cancellationToken);
        var isGood = result.ExitCode == 0;
        return new VerificationCheck(
            Path.GetFileName(tool),
            isGood,
            isGood ? $"{Path.GetFileName(file)} is whole" : LastLines(result.OutputText + result.Error)
        );
    }

    private static string LastLines(string text) =>
        string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4).Select(l => l.Trim()));
}
