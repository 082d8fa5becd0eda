using System.Globalization;

namespace Resurgam.Core.Values;

/// <summary>Counts in words.</summary>
public static class Plural
{
    /// <param name="count">How many.</param>
    /// <param name="one">The word for one; with an s it is the word for others.</param>
    public static string Of(long count, string one) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");
}
