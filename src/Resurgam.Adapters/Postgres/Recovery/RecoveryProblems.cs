using Resurgam.Adapters.Stores;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Recovery;

internal static class RecoveryProblems
{
    public static ResurgamException CutOff(string socket, Exception cause) =>
        new(
            new Problem(
                "wal-feed-absent",
                Remedy.Retry,
                $"the feed at {socket} ended halfway: {cause.Message}",
                "The restore that started this server has ended; start the server again with 'resurgam restore --start --delta'."
            ),
            cause
        );

    public static ResurgamException NotWritten(string target, Exception cause) =>
        new(
            cause is IOException io && Errno.IsNoSpace(io)
                ? new Problem(
                    "target-full",
                    Remedy.Fix,
                    $"there is no room left for {target}",
                    "Free space there, then start the server again: it asks for the same WAL."
                )
                : new Problem(
                    "target-write",
                    Remedy.Fix,
                    $"{target} cannot be written: {cause.Message}",
                    "PostgreSQL gives a file in its pg_wal as %p: write restore_command with \"%p\" as the last word, and check that the folder is the server's own."
                ),
            cause
        );

    public static ResurgamException FeedFailed(string text) =>
        new(
            new Problem(
                "wal-feed-failed",
                Remedy.Retry,
                $"the WAL cannot be read from the vault: {text}",
                "Mend what is said there; the server waits and asks again when it is started again."
            )
        );
}
