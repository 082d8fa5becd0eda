using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Stores;

/// <summary>Of the folder where this machine keeps cache and spool.</summary>
internal static class StateProblems
{
    /// <param name="folder">The state folder, or one in it.</param>
    /// <param name="what">What was to be there.</param>
    /// <param name="cause">An error of input or output, or of rights.</param>
    public static ResurgamException From(string folder, string what, Exception cause) =>
        cause is IOException io && Errno.IsNoSpace(io) ? Full(folder, what, cause) : Failed(folder, what, cause);

    private static ResurgamException Full(string folder, string what, Exception cause) =>
        new(
            new Problem(
                "state-full",
                Remedy.Fix,
                $"the state folder has no room left: {what} does not fit into {folder}",
                "Free space there ('df -h' shows it), or name a folder on a larger disk with 'state' in the plan or with RESURGAM_STATE, then run the same command again."
            ),
            cause
        );

    private static ResurgamException Failed(string folder, string what, Exception cause) =>
        new(
            new Problem(
                "state-failed",
                Remedy.Fix,
                $"the state folder cannot be used: {what} in {folder}: {cause.Message}",
                "Cache and spool of this machine lie there: let this user own the folder, on a disk that can be written, or name another with 'state' in the plan or with RESURGAM_STATE."
            ),
            cause
        );
}
