using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.LogicalPostgres.Capture;

internal static class CaptureProblems
{
    public static ResurgamException TooOld(string asset, int version) =>
        new(
            new Problem(
                "postgres-version",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{asset} is PostgreSQL {version / 10000}, and 14 is the oldest that is supported"
                ),
                "Upgrade the server; it gets no fixes any more."
            )
        );

    public static ResurgamException NoDatabase(string asset, string database, IEnumerable<string> there) =>
        new(
            new Problem(
                "postgres-no-database",
                Remedy.Fix,
                $"{asset} has no database {database} that this role may connect to",
                $"Correct 'databases' in the plan; there are: {string.Join(", ", there)}."
            )
        );

    public static ResurgamException NothingToDump(string asset, string user) =>
        new(
            new Problem(
                "postgres-no-database",
                Remedy.Fix,
                $"there is no database of {asset} that {user} may connect to",
                "Grant it: 'grant connect on database NAME to ROLE'."
            )
        );
}
