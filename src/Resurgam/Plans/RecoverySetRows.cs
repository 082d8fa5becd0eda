using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

internal static class RecoverySetRows
{
    public static void Write(TextWriter text, RecoverySet set)
    {
        text.WriteLine();
        text.WriteRow("set", set.Name);
        text.WriteRow("assets", string.Join(", ", set.Assets));
        text.WriteRow(
            "barrier",
            set.Barrier is { } barrier
                ? $"{string.Join(' ', barrier.Hold)}; then {string.Join(' ', barrier.Release)}; {Duration.Format(barrier.Limit)} at most"
                : "none"
        );
    }
}
