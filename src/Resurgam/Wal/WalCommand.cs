using System.CommandLine;

namespace Resurgam.Wal;

internal static class WalCommand
{
    public static Command Create() =>
        new("wal", "The continuous copy of PostgreSQL's write-ahead log.")
        {
            WalStreamCommand.Create(),
            WalStatusCommand.Create(),
            WalFetchCommand.Create(),
            WalFeedCommand.Create(),
        };
}
