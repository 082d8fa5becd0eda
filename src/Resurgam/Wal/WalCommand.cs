using System.CommandLine;

namespace Resurgam.Wal;

internal static class WalCommand
{
    public static Command Create() =>
        new("wal", "The continuous copy of PostgreSQL's write-ahead log.")
        {
            WalFetchCommand.Create(),
            WalFeedCommand.Create(),
        };
}
