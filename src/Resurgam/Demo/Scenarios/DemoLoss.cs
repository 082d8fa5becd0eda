using System.Globalization;

namespace Resurgam.Demo.Scenarios;

/// <summary>What the database that is there now lacks of what writers were told was committed.</summary>
/// <param name="Span">From the newest row that is there to the newest that was acknowledged; zero when none is lost.</param>
internal sealed record DemoLoss(long Acknowledged, long Recovered, TimeSpan Span)
{
    public static async Task<DemoLoss> MeasureAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await using var database = await platform.ConnectAsync(cancellationToken);
        var recovered = 0L;
        foreach (var writer in platform.Writers)
            recovered += await writer.CountIntactAsync(database, cancellationToken);
        var acknowledged = platform.Writers.Sum(writer => writer.Acknowledged);
        var newest = await database.ScalarAsync(
            "select extract(epoch from max(occurred_at)) from audit_logs where writer is not null",
            cancellationToken
        );
        var newestAt = DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(newest ?? "0", CultureInfo.InvariantCulture));
        var lost = platform.Writers.Max(writer => writer.AcknowledgedAt) - newestAt;
        return new DemoLoss(
            acknowledged,
            recovered,
            acknowledged == recovered || lost < TimeSpan.Zero ? TimeSpan.Zero : lost
        );
    }
}
