using System.Globalization;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>The document is read again in time, and signed by somebody else than its owner.</summary>
internal static class DocumentRules
{
    public static IEnumerable<Finding> Check(Plan plan, DateOnly today)
    {
        if (plan.Document is not { } document)
            yield break;
        var due = document.NextReview;
        if (document is { Updated: { } updated, ReviewEvery: { } every })
        {
            var latest = updated.AddDays((int)every.TotalDays);
            if (due > latest)
                yield return Found.Warning(
                    "review-too-late",
                    "document.next-review",
                    $"the next review is on {Day(due.Value)}, more than {Duration.Format(every)} after {Day(updated)}",
                    $"Read the plan again by {Day(latest)}."
                );
            due = due is null || latest < due ? latest : due;
        }
        if (due < today)
            yield return Found.Warning(
                "review-overdue",
                "document.next-review",
                $"the plan was to be read again by {Day(due.Value)}, and it is {Day(today)}",
                "Read it with those who carry it out, then set 'updated' and 'next-review'."
            );
        if (document.Owner is null || document.Approver is null)
            yield return Found.Warning(
                "document-unsigned",
                "document",
                $"the document has no {(document.Owner is null ? "owner" : "approver")}",
                "Name 'owner' and 'approver': an auditor asks who answers for it."
            );
        else if (document.Owner == document.Approver)
            yield return Found.Warning(
                "document-self-approved",
                "document.approver",
                $"'{document.Owner}' both owns and approves the document",
                "Let somebody else approve it."
            );
    }

    private static string Day(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);
}
