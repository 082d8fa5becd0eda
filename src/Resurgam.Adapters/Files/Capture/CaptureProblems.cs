using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Files.Capture;

internal static class CaptureProblems
{
    public static ResurgamException NoFolder(string asset, string path) =>
        new(
            new Problem(
                "files-no-folder",
                Remedy.Fix,
                $"asset {asset}: there is no folder at {path}",
                "Correct 'path' of the asset in the plan, and check that its file system is mounted."
            )
        );

    public static ResurgamException NotAFolder(string asset, string path) =>
        new(
            new Problem(
                "files-no-folder",
                Remedy.Fix,
                $"asset {asset}: {path} is no folder",
                "Name the folder that holds it as 'path' of the asset, and leave the rest out with 'exclude'."
            )
        );

    public static ResurgamException Unreadable(string asset, string path, IOException cause) =>
        new(
            new Problem(
                "files-unreadable",
                Remedy.Fix,
                $"asset {asset}: {path} cannot be read: {cause.Message}",
                "Run as a user who may read it, or as root; a disk error shows in 'dmesg'."
            ),
            cause
        );
}
