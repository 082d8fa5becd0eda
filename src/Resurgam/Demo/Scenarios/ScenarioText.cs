using System.Globalization;
using Resurgam.Drills;

namespace Resurgam.Demo.Scenarios;

/// <summary>The end of a scenario, for people.</summary>
internal static class ScenarioText
{
    public static void Write(TextWriter text, ScenarioDocument document)
    {
        DrillText.Write(text, document.Report);
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  {document.Acknowledged:N0} transactions were acknowledged, {document.Recovered:N0} of them are there as they were written: {document.Lost:N0} lost"
            )
        );
        text.WriteLine(
            $"  led by     {string.Join(", then by ", document.Report.Places)}; the first was killed in step {document.KilledIn}"
        );
        foreach (var message in document.Messages)
            text.WriteLine($"  told       {message}");
        foreach (var left in document.LeftOut)
            text.WriteLine($"  LEFT OUT   {left.Asset} ({left.Kind}): {left.Reason}");
        if (document.Folder is { } folder)
            text.WriteLine($"  left to look at: {folder}");
        text.WriteLine(
            document.Report.Passed ? "Every objective of the plan is met." : "THE PROMISE IS BROKEN: read why above."
        );
    }
}
