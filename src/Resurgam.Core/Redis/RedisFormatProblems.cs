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

    public static ResurgamException NoLink(uint timeline) =>
        new(
            new Problem(
                "redis-stream-garbled",
                Remedy.Fix,
                $"the beginning of timeline {timeline} of the command stream cannot be read",
                "Read it from a replica of the vault, or restore a snapshot by its id ('resurgam snapshots')."
            )
        );

    public static ResurgamException BadFrame(string where) =>
        new(
            new Problem(
                "redis-stream-garbled",
                Remedy.Fix,
                $"the command stream is not what was received: {where}",
                "Read it from a replica of the vault, or restore to a time before it with --at."
            )
        );

    public static ResurgamException Hole(string range) =>
        new(
            new Problem(
                "redis-stream-hole",
                Remedy.Fix,
                $"a part of the command stream is missing from the vault: {range}",
                "Read it from a replica of the vault, or restore to a time before it with --at; a new snapshot ('resurgam backup') begins behind it."
            )
        );
}
