using CsCheck;
using Resurgam.Core.Predictions;

namespace Resurgam.Tests.Predictions;

public sealed class DurationModelTests
{
    private static readonly Gen<DurationSample[]> Samples = Gen.Select(
        Gen.Double[1, 1e12],
        Gen.Double[0.01, 100_000],
        (size, seconds) => new DurationSample(size, TimeSpan.FromSeconds(seconds))
    ).Array[1, 30];

    [Fact]
    public void Without_a_measurement_there_is_no_prediction() => Assert.Null(DurationModel.Predict([], 1000));

    [Fact]
    public void One_measurement_is_believed_within_a_factor_of_two()
    {
        var estimate = Get(DurationModel.Predict([Of(1000, 10)], 1000));

        Assert.Equal(
            (10, 5, 20, 1),
            (estimate.Likely.TotalSeconds, estimate.Least.TotalSeconds, estimate.Most.TotalSeconds, estimate.Samples)
        );
    }

    [Fact]
    public void Twice_the_size_takes_twice_as_long_where_nothing_else_was_seen() =>
        Assert.Equal(20, Get(DurationModel.Predict([Of(1000, 10)], 2000)).Likely.TotalSeconds);

    [Fact]
    public void A_smaller_size_is_not_believed_to_be_quicker_before_that_was_seen() =>
        Assert.Equal(10, Get(DurationModel.Predict([Of(1000, 10)], 10)).Likely.TotalSeconds);

    [Fact]
    public void A_line_through_different_sizes_knows_what_a_start_costs_by_itself()
    {
        var estimate = DurationModel.Predict([Of(1000, 6), Of(2000, 7), Of(4000, 9)], 10_000);

        Assert.Equal(15, Get(estimate).Likely.TotalSeconds, precision: 6);
    }

    [Fact]
    public void One_bad_day_among_many_does_not_move_it()
    {
        DurationSample[] usual = [.. Enumerable.Range(1, 9).Select(i => Of(1000 * i, 1 + i))];

        var estimate = DurationModel.Predict([.. usual[..4], Of(5000, 600), .. usual[5..]], 5000);

        Assert.InRange(Get(estimate).Likely.TotalSeconds, 5.5, 6.5);
    }

    [Fact]
    public void Likely_lies_between_least_and_most() =>
        Gen.Select(Samples, Gen.Double[0, 1e13])
            .Sample(
                (samples, size) =>
                {
                    var (likely, least, most, count) = Get(DurationModel.Predict(samples, size));
                    return TimeSpan.Zero <= least
                        && least <= likely
                        && likely <= most
                        && count == Math.Min(samples.Length, 24);
                }
            );

    [Fact]
    public void More_never_takes_less_time() =>
        Gen.Select(Samples, Gen.Double[0, 1e12], Gen.Double[1, 10])
            .Sample(
                (samples, size, factor) =>
                    Get(DurationModel.Predict(samples, size)).Likely
                    <= Get(DurationModel.Predict(samples, size * factor)).Likely + TimeSpan.FromMilliseconds(1)
            );

    [Fact]
    public void Without_a_size_it_is_the_median() =>
        Samples.Sample(samples =>
        {
            var seconds = samples.TakeLast(24).Select(sample => sample.Duration).Order().ToList();
            var likely = Get(DurationModel.Predict(samples, size: null)).Likely;
            return seconds[0] <= likely + TimeSpan.FromTicks(2) && likely <= seconds[^1] + TimeSpan.FromTicks(2);
        });

    /// <summary>What the first drills must give: five measurements that scatter by a tenth, and the sixth is within a quarter.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void After_five_drills_the_error_is_within_a_quarter(int seed)
    {
        Random random = new(seed);
        for (var round = 0; round < 200; round++)
        {
            var (offset, rate) = (random.NextDouble() * 20, 1e6 + (random.NextDouble() * 1e8));
            var size = 1e8 * (1 + random.NextDouble());
            List<DurationSample> samples = [];
            for (var drill = 0; drill < 5; drill++, size *= 1 + (random.NextDouble() * 0.1))
                samples.Add(Of(size, (offset + (size / rate)) * Noise()));

            var real = (offset + (size / rate)) * Noise();

            var likely = Get(DurationModel.Predict(samples, size)).Likely.TotalSeconds;
            Assert.InRange(likely / real, 0.75, 1.25);
        }

        double Noise() => 0.95 + (random.NextDouble() * 0.1);
    }

    private static DurationSample Of(double size, double seconds) => new(size, TimeSpan.FromSeconds(seconds));

    private static Estimate Get(Estimate? estimate) =>
        estimate ?? throw new InvalidOperationException("there is no estimate");
}
