using Resurgam.Core.Problems;

namespace Resurgam.Core.Redis;

internal static class RedisFormatProblems
{
    /// <param name="how">What is wrong, as a sentence that goes on after a colon.</param>
    public static ResurgamException Garbled(string how) =>
        new(
            new Problem(
                "redis-rdb-garbled",
                Remedy.Retry,
                $"the RDB is not what a server writes: {how}",
                "Take the backup again; when it happens again, suspect memory or network hardware, and run 'redis-check-rdb' on the server's own file."
            )
        );

    public static ResurgamException NoRecord(string snapshot) =>
        new(
            new Problem(
                "redis-no-record",
                Remedy.Fix,
                $"snapshot {snapshot} has no readable record of a Redis server ({RedisRecord.Path})",
                "Choose another one: 'resurgam snapshots' lists them with their kinds; 'resurgam restore SNAPSHOT --path redis --to FOLDER' brings the bare files back."
            )
        );
}
