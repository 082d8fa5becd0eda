using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Files.Restore;

internal static class RestoreProblems
{
    public static ResurgamException OtherRestore(string target) =>
        new(
            new Problem(
                "target-foreign-refused",
                Remedy.Fix,
                $"{target} holds an unfinished restore of something else",
                "Finish that one by running it again, empty the folder, or add --delta to go on from what is there."
            )
        );

    public static ResurgamException InTheWay(IReadOnlyList<string> folders) =>
        new(
            new Problem(
                "target-in-the-way-refused",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{folders.Count} folders stand where the snapshot has something else: {string.Join(", ", folders.Take(5))}"
                ),
                "Move them away, or restore into an empty folder; nothing was touched."
            )
        );

    public static ResurgamException Damaged(string target, IReadOnlyCollection<string> damage) =>
        new(
            new Problem(
                "restore-damaged",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{damage.Count} of the files could not be restored whole to {target}: {string.Join("; ", damage)}"
                ),
                "All others are restored. Take these from another snapshot ('resurgam snapshots'), or run 'resurgam vault heal' when the plan has a replica, and this again."
            )
        );
}
