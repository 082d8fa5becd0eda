using Resurgam.Adapters.Stores;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Files;

public static class TargetProblems
{
    public static ResurgamException From(string path, Exception cause) =>
        cause is IOException io && Errno.IsNoSpace(io) ? Full(path, cause) : Refused(path, cause);

    public static ResurgamException Refused(string path, Exception cause) =>
        new(
            new Problem(
                "target-write",
                Remedy.Fix,
                $"{path} cannot be restored: {cause.Message}",
                "Check the owner and the mode of the target folder; root can restore owners, other users cannot."
            ),
            cause
        );

    private static ResurgamException Full(string path, Exception cause) =>
        new(
            new Problem(
                "target-full",
                Remedy.Fix,
                $"there is no room left for {path}",
                "Free space there, then run the same restore again: it goes on where it stopped."
            ),
            cause
        );

    public static ResurgamException NoRoomToVerify(string folder, long freeBytes, long neededBytes) =>
        new(
            new Problem(
                "target-full",
                Remedy.Fix,
                $"a verification restores {new ByteSize(neededBytes)} to {folder}, where {new ByteSize(freeBytes)} are free: that is no room, with what has to stay free for streams",
                "Free space there, or let 'state' of the plan lie on a larger disk."
            )
        );

    public static ResurgamException NotEmpty(string target) =>
        new(
            new Problem(
                "target-not-empty-refused",
                Remedy.Fix,
                $"{target} is not empty",
                "Name an empty folder, or add --delta to keep what is equal and replace the rest."
            )
        );
}
