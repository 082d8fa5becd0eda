namespace Resurgam.Core.Predictions;

/// <summary>One measured duration.</summary>
/// <param name="Size">What it grows with, in bytes; null when not known.</param>
public readonly record struct DurationSample(double? Size, TimeSpan Duration);

/// <summary>How long something will take.</summary>
/// <param name="Least">With luck.</param>
/// <param name="Most">On a bad day.</param>
/// <param name="Samples">Measurements behind it.</param>
public readonly record struct Estimate(TimeSpan Likely, TimeSpan Least, TimeSpan Most, int Samples)
{
    public static Estimate operator +(Estimate left, Estimate right) => Add(left, right);

    /// <summary>One after the other. The measurements behind it are those of the part that has fewer.</summary>
    public static Estimate Add(Estimate left, Estimate right) =>
        new(
            left.Likely + right.Likely,
            left.Least + right.Least,
            left.Most + right.Most,
            Math.Min(left.Samples, right.Samples)
        );
}

/// <summary>Learns from measured durations. One bad day among many does not move it.</summary>
/// <remarks>
/// Where sizes differ enough, a line through them by the median of the slopes between all pairs (Theil 1950, Sen 1968); else
/// the median, in proportion to the size when that grows beyond all that was measured. The interval is what the measurements deviated from the model,
/// and never narrower than their number justifies.
/// </remarks>
public static class DurationModel
{
    /// <summary>Fewer points, or sizes closer together than <see cref="LeastSpread"/>, give no slope worth the name.</summary>
    private const int LeastForLine = 3;

    private const double LeastSpread = 1.2;

    /// <summary>Older measurements are of another size and another machine.</summary>
    private const int MostSamples = 24;

    /// <param name="samples">Oldest first.</param>
    /// <param name="size">Of what comes; null when not known.</param>
    /// <returns>Null without a measurement.</returns>
    public static Estimate? Predict(IReadOnlyList<DurationSample> samples, double? size)
    {
        if (samples.Count == 0)
            return null;
        DurationSample[] recent = [.. samples.TakeLast(MostSamples)];
        var model = ModelOf(recent, size is not null);
        var likely = model(size);
        var deviations = recent
            .Select(sample => (Real: sample.Duration.TotalSeconds, Model: model(sample.Size)))
            .Where(pair => pair.Model > 0)
            .Select(pair => pair.Real / pair.Model)
            .Order()
            .ToArray();
        // One measurement may be off by a factor of two, four by half, a hundred by a tenth.
        var doubt = 1 + (1 / Math.Sqrt(recent.Length));
        var known = recent.Max(sample => sample.Size) ?? 0;
        var beyond = size > known && known > 0 ? Math.Sqrt(size.Value / known) : 1;
        var most = likely * Math.Max(Tenth(deviations, 0.9), doubt) * beyond;
        var least = likely * Math.Min(Tenth(deviations, 0.1), 1 / doubt);
        return new Estimate(Span(likely), Span(least), Span(most), recent.Length);
    }

    private static Func<double?, double> ModelOf(DurationSample[] samples, bool isSized)
    {
        var median = Median(samples.Select(sample => sample.Duration.TotalSeconds));
        if (!isSized || samples.Any(sample => sample.Size is not > 0))
            return _ => median;
        var points = samples
            .Select(sample => (Size: sample.Size.GetValueOrDefault(), Seconds: sample.Duration.TotalSeconds))
            .ToArray();
        if (points.Length >= LeastForLine && points.Max(p => p.Size) >= LeastSpread * points.Min(p => p.Size))
            return LineThrough(points);
        var largest = points.Max(p => p.Size);
        // A smaller one is not believed to be quicker before that was seen.
        return size => median * Math.Max(1, size.GetValueOrDefault() / largest);
    }

    private static Func<double?, double> LineThrough((double Size, double Seconds)[] points)
    {
        List<double> slopes = [];
        for (var i = 0; i < points.Length; i++)
        for (var j = i + 1; j < points.Length; j++)
            if (Math.Abs(points[i].Size - points[j].Size) > 0.01 * points[i].Size)
                slopes.Add((points[j].Seconds - points[i].Seconds) / (points[j].Size - points[i].Size));
        var slope = Math.Max(0, Median(slopes));
        var offset = Median(points.Select(p => p.Seconds - (slope * p.Size)));
        if (offset < 0)
            (slope, offset) = (Median(points.Select(p => p.Seconds / p.Size)), 0);
        return size => offset + (slope * size.GetValueOrDefault());
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <param name="sorted">Ascending; may be empty.</param>
    private static double Tenth(double[] sorted, double part) =>
        sorted.Length == 0 ? 1 : sorted[(int)Math.Round((sorted.Length - 1) * part)];

    private static TimeSpan Span(double seconds) =>
        TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(36_500).TotalSeconds));
}
