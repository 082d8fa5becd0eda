using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Restarts a PostgreSQL server of this machine as it was started, as the user that owns its data.</summary>
internal static class ServerRestart
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>One start may fail because another is under way; the next look shows its server.</summary>
    private const int MostFailures = 2;

    /// <summary>
    /// Brings a server back whose restart was cut off: the <c>pg_ctl</c> of a killed program may live on and start it, or
    /// nobody does. Returns at once when the server takes connections; how long it may take is the step's own limit.
    /// </summary>
    public static async Task FinishAsync(
        Target.Postgres target,
        StepCall call,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        var failures = 0;
        while (true)
        {
            try
            {
                await using var server = await ActionWork.ConnectAsync(target, tools, cancellationToken);
                return;
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry && target.DataDirectory is not null)
            {
                tools.Tell($"{call.Step.Id}: {e.Problem.What}");
            }
            // One that is there starts, or stops and will be gone.
            if (await new DrillFolder(target.DataDirectory, tools.Time).FindServerAsync(cancellationToken) is null)
            {
                try
                {
                    await RunAsync(target, call, tools, cancellationToken);
                    continue;
                }
                catch (ResurgamException e) when (e.Problem.Code == ActionProblems.Failed && ++failures < MostFailures)
                {
                    tools.Tell($"{call.Step.Id}: {e.Problem.What}");
                }
            }
            await Task.Delay(BetweenLooks, tools.Time, cancellationToken);
        }
    }

    public static async Task RunAsync(
        Target.Postgres target,
        StepCall call,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        if (target.DataDirectory is not { } folder || !File.Exists(Path.Combine(folder, "PG_VERSION")))
            throw ActionProblems.NotLocal(target.Id);
        var version = await File.ReadAllTextAsync(Path.Combine(folder, "PG_VERSION"), cancellationToken);
        var major = int.TryParse(version.Trim(), CultureInfo.InvariantCulture, out var number) ? number : 0;
        var owner = UserNames.FindOwnerToBe(folder);
        var log = Path.Combine(folder, "log", "resurgam-restart.log");
        ConfigurationFiles.MakeFolder(Path.GetDirectoryName(log) ?? "/", owner);
        var result = await tools.Processes.RunAsync(
            new ProcessRequest
            {
                Program = PostgresBinaries.Get(major, target.Binaries).Control,
                Arguments =
                [
                    "--pgdata",
                    folder,
                    "--wait",
                    "--mode",
                    "fast",
                    "--silent",
                    "--timeout",
                    ((int)call.Step.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture),
                    "--log",
                    log,
                    "restart",
                ],
                User = owner is { } user ? UserNames.Read().UserOf(user.User) : null,
                Timeout = call.Step.Timeout,
            },
            cancellationToken
        );
        if (result.ExitCode != 0)
            throw ActionProblems.NotRestarted(target.Id, result.Error.Trim());
    }
}
