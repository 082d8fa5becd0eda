using System.CommandLine;

namespace Resurgam.Wal;

internal static class WalCommand
{
    public static Command Create() =>
        new("wal", "The stream of an asset: PostgreSQL's write-ahead log, a Redis server's commands.")
        {
            WalStreamCommand.Create(),
            WalStatusCommand.Create(),
            WalFetchCommand.Create(),
            WalFeedCommand.Create(),
            WalGuardCommand.Create(),
        };
}
