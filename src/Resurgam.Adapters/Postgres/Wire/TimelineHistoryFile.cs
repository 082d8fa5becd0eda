using System.Globalization;
using System.Text;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Reads a history file: a line <c>parent-timeline TAB switch-position TAB reason</c> for each ancestor.</summary>
internal static class TimelineHistoryFile
{
    /// <summary>The timeline that a position lies on, in the past of <paramref name="current"/>.</summary>
    public static uint TimelineOf(Lsn position, ReadOnlySpan<byte> content, uint current)
    {
        foreach (var line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            var fields = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (
                fields is [var parent, var end, ..]
                && uint.TryParse(parent, NumberStyles.None, CultureInfo.InvariantCulture, out var timeline)
                && Lsn.TryParse(end, out var switched)
                && position < switched
            )
                return timeline;
        }
        return current;
    }
}
