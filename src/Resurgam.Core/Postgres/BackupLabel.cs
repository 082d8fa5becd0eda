using System.Globalization;

namespace Resurgam.Core.Postgres;

/// <summary>Reads <c>backup_label</c>, lines of <c>NAME: value</c>.</summary>
public static class BackupLabel
{
    /// <returns>Null when the label does not tell.</returns>
    public static uint? Timeline(string label)
    {
        const string name = "START TIMELINE: ";
        foreach (var line in label.Split('\n'))
            if (
                line.StartsWith(name, StringComparison.Ordinal)
                && uint.TryParse(line.AsSpan(name.Length), CultureInfo.InvariantCulture, out var timeline)
            )
                return timeline;
        return null;
    }
}
