using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Files;

internal static class FileProblems
{
    /// <param name="path">Null when nobody knows which.</param>
    /// <param name="cause">As the operating system told it.</param>
    public static ResurgamException Full(string? path, Exception cause) =>
        new(
            new Problem(
                "file-full",
                Remedy.Fix,
                path is null ? $"there is no room left: {cause.Message}" : $"there is no room left for {path}",
                "Free space there ('df -h' and 'df -i' show it), then run the same command again."
            ),
            cause
        );

    /// <param name="path">Null when nobody knows which.</param>
    /// <param name="cause">As the operating system told it.</param>
    public static ResurgamException Failed(string? path, Exception cause) =>
        new(
            new Problem(
                "file-failed",
                Remedy.Fix,
                path is null ? $"a file cannot be used: {cause.Message}" : $"{path} cannot be used: {cause.Message}",
                "Check who owns it and its folders, their modes, and whether the file system is mounted read-only, or run the command as a user who may."
            ),
            cause
        );
}
