using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>Copies are kept long enough to find out that they are bad, and as long as the rules ask.</summary>
internal static class RetentionRules
{
    /// <summary>45 CFR 164.316(b)(2)(i): six years, with two leap days.</summary>
    private static readonly TimeSpan HipaaDocuments = TimeSpan.FromDays(2192);

    public static IEnumerable<Finding> Check(Plan plan, DateOnly today)
    {
        var from = new DateTimeOffset(today, TimeOnly.MinValue, TimeSpan.Zero);
        if (plan.Retention?.PointInTime is { } kept)
            foreach (var asset in plan.Assets)
                if (ScheduleRules.LongestGap(plan, asset.Id, ScheduledWork.Verify, from) is { } gap && kept < 2 * gap)
                    yield return Found.Error(
                        "retention-under-verification",
                        "retention.point-in-time",
                        $"asset '{asset.Id}' is verified every {Duration.Format(gap)}, and copies are kept for {Duration.Format(kept)}: a fault can outlive every good copy",
                        "Keep copies for at least twice the time between two verifications; better, verify every day."
                    );
        if (plan.Retention is { VerifiedCopies: 0 })
            yield return Found.Error(
                "retention-without-verified-copy",
                "retention.verified-copies",
                "retention may expire the last verified copy",
                "Set 'verified-copies' to 1 or more: after silent failures the oldest good copy is the only one."
            );
        if (
            plan.Document?.Profiles.Contains(RuleProfile.Hipaa) == true
            && !(plan.Retention?.Documents >= HipaaDocuments)
        )
            yield return Found.Error(
                "retention-under-rule",
                "retention.documents",
                $"documents are kept {(plan.Retention?.Documents is { } documents ? $"for {Duration.Format(documents)}" : "for a time that the plan does not say")}, and 45 CFR 164.316(b)(2)(i) asks for six years",
                $"Set 'retention.documents' to {Duration.Format(HipaaDocuments)} or more, or take 'hipaa' out of 'document.profiles'."
            );
    }
}
