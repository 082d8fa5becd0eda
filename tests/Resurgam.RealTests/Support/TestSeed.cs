using System.Diagnostics;
using System.Globalization;

namespace Resurgam.RealTests.Support;

/// <summary>Chance that can be had again.</summary>
internal static class TestSeed
{
    /// <summary>A new seed each time; RESURGAM_TEST_SEED repeats one.</summary>
    public static Random NewRandom(ITestOutputHelper output)
    {
        var seed = Environment.GetEnvironmentVariable("RESURGAM_TEST_SEED") is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : (int)(Stopwatch.GetTimestamp() & 0x7FFFFFFF);
        output.WriteLine($"RESURGAM_TEST_SEED={seed}");
        return new Random(seed);
    }
}
