using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Wal;

/// <summary>Everything that can stop a stream between the server and the store.</summary>
public static class SpoolProblems
{
    public static ResurgamException SpoolFull(string folder, string reason, Exception? cause) =>
        new(
            new Problem(
                "wal-spool-full",
                Remedy.Retry,
                What: $"the WAL spool {folder} is full: {reason}",
                Hint: $"See 'df -h {folder}' and whether the vault takes WAL ('resurgam wal status'): the spool empties "
                    + "into it. Nothing was acknowledged that is not on disk, so the server keeps the rest."
            ),
            cause
        );

    public static ResurgamException SpoolFailed(string folder, Exception cause) =>
        new(
            new Problem(
                "wal-spool-failed",
                Remedy.Retry,
                What: $"the WAL spool {folder} failed: {cause.Message}",
                Hint: $"Check the disk ('dmesg', 'ls -ld {folder}') and that this user may write there."
            ),
            cause
        );

    public static ResurgamException SpoolInUse(string folder, Exception cause) =>
        new(
            new Problem(
                "wal-stream-running",
                Remedy.Fix,
                What: $"another process streams into {folder}",
                Hint: $"Only one stream an asset: see who has it with 'fuser {folder}/lock', or 'resurgam wal status'."
            ),
            cause
        );

    public static ResurgamException StoreBehind(string asset, TimeSpan limit) =>
        new(
            new Problem(
                "wal-not-shipped",
                Remedy.Retry,
                What: $"what the stream of {asset} received is still only in the spool after {limit.TotalSeconds:0} s",
                Hint: "It is safe on this machine's disk: start the stream again, or run 'resurgam wal status'."
            )
        );
}
