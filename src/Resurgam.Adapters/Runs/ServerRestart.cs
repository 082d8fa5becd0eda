using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Restarts a PostgreSQL server of this machine as it was started, as the user that owns its data.</summary>
internal static class ServerRestart
{
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
