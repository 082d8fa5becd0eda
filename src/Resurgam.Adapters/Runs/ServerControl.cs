using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Starts and stops a PostgreSQL server of this machine, as the user that owns its data.</summary>
internal static class ServerControl
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>One start may fail because another is under way; the next look shows its server.</summary>
    private const int MostFailures = 2;

    /// <summary>
    /// Brings a server up that is down, or whose restart was cut off: the <c>pg_ctl</c> of a killed program may live on and
    /// start it, or nobody does. Returns at once when the server takes connections; how long it may take is the step's own limit.
    /// </summary>
    public static async Task BringUpAsync(
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
            if (!await RunsAsync(target, tools, cancellationToken))
            {
                try
                {
                    await RestartAsync(target, call, tools, cancellationToken);
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

    /// <summary>As it was started before; down, it is started.</summary>
    public static async Task RestartAsync(
        Target.Postgres target,
        StepCall call,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        var folder = FolderOf(target);
        var owner = UserNames.FindOwnerToBe(folder);
        var log = Path.Combine(folder, "log", "resurgam-restart.log");
        ConfigurationFiles.MakeFolder(Path.GetDirectoryName(log) ?? "/", owner);
        // What was restored to the folder was never started there: nothing tells how.
        var wasStarted = File.Exists(Path.Combine(folder, "postmaster.opts"));
        var result = await ControlAsync(
            folder,
            ["--silent", "--log", log, wasStarted ? "restart" : "start"],
            call,
            target,
            tools,
            cancellationToken
        );
        if (result.ExitCode != 0)
            throw ActionProblems.NotRestarted(target.Id, result.Error.Trim());
    }

    /// <summary>Ends its sessions and stops it; one that is down stays so.</summary>
    public static async Task StopAsync(
        Target.Postgres target,
        StepCall call,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        if (!await RunsAsync(target, tools, cancellationToken))
            return;
        var result = await ControlAsync(FolderOf(target), ["stop"], call, target, tools, cancellationToken);
        if (result.ExitCode != 0 && await RunsAsync(target, tools, cancellationToken))
            throw ActionProblems.NotStopped(target.Id, result.Error.Trim());
    }

    /// <summary>A process of this machine works on its data directory, whether it takes connections or not.</summary>
    public static async Task<bool> RunsAsync(
        Target.Postgres target,
        ActionTools tools,
        CancellationToken cancellationToken
    ) => await new DrillFolder(FolderOf(target), tools.Time).FindServerAsync(cancellationToken) is not null;

    private static string FolderOf(Target.Postgres target) =>
        target.DataDirectory is { } folder && File.Exists(Path.Combine(folder, "PG_VERSION"))
            ? folder
            : throw ActionProblems.NotLocal(target.Id);

    private static async Task<ProcessResult> ControlAsync(
        string folder,
        string[] words,
        StepCall call,
        Target.Postgres target,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        var version = await File.ReadAllTextAsync(Path.Combine(folder, "PG_VERSION"), cancellationToken);
        var major = int.TryParse(version.Trim(), CultureInfo.InvariantCulture, out var number) ? number : 0;
        return await tools.Processes.RunAsync(
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
                    "--timeout",
                    ((int)call.Step.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture),
                    .. words,
                ],
                User = UserNames.FindOwnerToBe(folder) is { } user ? UserNames.Read().UserOf(user.User) : null,
                Timeout = call.Step.Timeout,
            },
            cancellationToken
        );
    }
}
