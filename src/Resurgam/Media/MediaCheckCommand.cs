using System.CommandLine;
using Resurgam.Cli;

namespace Resurgam.Media;

internal static class MediaCheckCommand
{
    public static Command Create()
    {
        var volumes = MediaReadCommand.NewVolumesArgument();
        Command command = new(
            "check",
            "Read volumes from end to end and check every object; needs no plan and no secret."
        )
        {
            volumes,
        };
        command.SetAction(
            (line, cancellationToken) =>
                MediaReadCommand.RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(volumes),
                    target: null,
                    cancellationToken
                )
        );
        return command;
    }
}
