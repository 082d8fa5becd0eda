using System.Globalization;

namespace Resurgam.Core.Postgres;

/// <summary>Reads <c>backup_label</c>, lines of <c>NAME: value</c>.</summary>
public static class BackupLabel
{
    /// <summary>
    /// The label of a full backup: a server refuses to start from one that says it is an increment, which a snapshot is not.
    /// </summary>
    public static byte[] WithoutIncrement(ReadOnlySpan<byte> label)
    {
        List<byte> kept = new(label.Length);
        foreach (var line in label.Split((byte)'\n'))
            if (!label[line].StartsWith("INCREMENTAL FROM "u8))
                kept.AddRange([.. label[line], (byte)'\n']);
        return [.. kept[..^1]];
    }

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
