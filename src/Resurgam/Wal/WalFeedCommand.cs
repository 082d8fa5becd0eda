using System.CommandLine;
using Resurgam.Cli;

namespace Resurgam.Wal;

/// <summary>Hidden: started by the first <c>wal fetch</c>.</summary>
internal static class WalFeedCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset");
        Argument<string?> walDirectory = new("pg_wal") { Arity = ArgumentArity.ZeroOrOne };
        Command command = new(WalFeeder.CommandName, "Serve WAL to 'wal fetch' until nobody asks.")
        {
            asset,
            walDirectory,
        };
        command.Hidden = true;
        command.SetAction(
            (line, cancellationToken) =>
                WalFeeder.RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(asset),
                    line.GetValue(walDirectory),
                    cancellationToken
                )
        );
        return command;
    }
}
