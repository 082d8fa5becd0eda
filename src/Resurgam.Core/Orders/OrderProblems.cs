using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Orders;

public static class OrderProblems
{
    public static ResurgamException Late(DateTimeOffset askedAt, TimeSpan limit) =>
        new(
            new Problem(
                "order-late",
                Remedy.Fix,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it was asked for at {askedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC and could not begin within {limit.TotalMinutes:0} minutes, so it has not begun"
                ),
                "Whoever asked may have gone on without it by now. Ask again by a new key if it is still wanted."
            )
        );
}
