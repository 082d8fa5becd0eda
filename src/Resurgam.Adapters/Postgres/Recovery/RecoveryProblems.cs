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
