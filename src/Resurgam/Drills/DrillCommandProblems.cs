using Resurgam.Core.Problems;

namespace Resurgam.Drills;

internal static class DrillCommandProblems
{
    public static ResurgamException ReportFile(string path, Exception cause) =>
        new(
            new Problem(
                "drill-report-file",
                Remedy.Fix,
                $"the report cannot be written to {path}: {cause.Message}",
                "The drill is in the ledger: name another file with 'resurgam drills report DRILL --out FILE'."
            ),
            cause
        );
}
