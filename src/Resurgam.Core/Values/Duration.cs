using System.Globalization;
using System.Text;

namespace Resurgam.Core.Values;

/// <summary>Durations as people write them: <c>90d</c>, <c>1h30m</c>, <c>15m</c>, <c>2s</c>, <c>500ms</c>.</summary>
public static class Duration
{
    /// <summary>A hundred years: more is a slip of the pen.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(36_500);

    private static readonly (string Name, long Ms)[] Units =
    [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ];

    /// <summary>
    /// Reads whole numbers with units (d, h, m, s, ms), the larger unit first and each at most once.
    /// A number without a unit is refused: it does not say what it counts.
    /// </summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return false;

        var (totalMs, nextUnit) = (0L, 0);
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 15)
                return false;
            var number = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[digits..];

            var letters = rest.IndexOfAnyInRange('0', '9');
            var name = letters < 0 ? rest : rest[..letters];
            rest = rest[name.Length..];

            while (nextUnit < Units.Length && !name.SequenceEqual(Units[nextUnit].Name))
                nextUnit++;
            if (nextUnit == Units.Length || number > Max.TotalMilliseconds / Units[nextUnit].Ms)
                return false;
            totalMs += number * Units[nextUnit++].Ms;
        }
        duration = TimeSpan.FromMilliseconds(totalMs);
        return duration <= Max;
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads back; whole milliseconds.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
            return $"-{Format(-duration)}";

        var restMs = duration.Ticks / TimeSpan.TicksPerMillisecond;
        if (restMs == 0)
            return "0s";
        var text = new StringBuilder();
        foreach (var (name, ms) in Units)
        {
            if (restMs >= ms)
                text.Append(CultureInfo.InvariantCulture, $"{restMs / ms}{name}");
            restMs %= ms;
        }
        return text.ToString();
    }

    /// <summary>For people who glance: two digits or so of the largest units, <c>1.4s</c>, <c>37s</c>, <c>4m12s</c>, <c>3h5m</c>, <c>12d</c>.</summary>
    public static string Rough(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
            return $"-{Rough(-duration)}";
        if (duration < TimeSpan.FromSeconds(9.95))
            return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0}s");
        var unit =
            duration < TimeSpan.FromHours(1) ? TimeSpan.FromSeconds(1)
            : duration < TimeSpan.FromDays(2) ? TimeSpan.FromMinutes(1)
            : duration < TimeSpan.FromDays(10) ? TimeSpan.FromHours(1)
            : TimeSpan.FromDays(1);
        return Format(unit * Math.Round(duration / unit));
    }
}
