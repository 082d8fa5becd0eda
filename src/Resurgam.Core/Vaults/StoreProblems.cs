using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults;

public static class StoreProblems
{
    /// <summary>A folder that is not there: a file system, perhaps, that is not mounted just now.</summary>
    public const string AbsentCode = "store-absent";

    public static ResurgamException Full(string store, string key, Exception cause) =>
        new(
            new Problem(
                "store-full",
                Remedy.Fix,
                $"store {store} has no room left for {key}",
                "Free space or enlarge the store ('df -h' shows it), then run the same command again: what the store has taken is not stored again."
            ),
            cause
        );

    public static ResurgamException Refused(string store, string what, Exception cause) =>
        new(
            new Problem(
                "store-refused",
                Remedy.Fix,
                $"store {store} refuses to {what}: {cause.Message}",
                "Check that this user owns the folder and that the file system is not mounted read-only."
            ),
            cause
        );

    public static ResurgamException Failed(string store, string what, Exception cause) =>
        new(
            new Problem(
                "store-failed",
                Remedy.Retry,
                $"store {store} failed to {what}: {cause.Message}",
                "Check the disk or the network of the store, then run the same command again."
            ),
            cause
        );

    public static ResurgamException NoStore(string store) =>
        new(
            new Problem(
                AbsentCode,
                Remedy.Fix,
                $"there is no store at {store}",
                "Mount it, or correct 'store' in the plan; 'resurgam vault create' makes a new vault."
            )
        );

    public static ResurgamException BadKey(string key) =>
        new(
            new Problem(
                "store-bad-key",
                Remedy.Report,
                $"'{key}' is not a key that a store takes",
                "Report this with the command that you ran: keys are made by the program."
            )
        );
}
