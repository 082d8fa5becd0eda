using System.Text.Json;

namespace Resurgam.Core.Plans.Sections;

/// <summary>How long copies are kept.</summary>
internal static class RetentionSection
{
    private static readonly PlanKey<TimeSpan?> PointInTime = OptionalKey.Span(
        "point-in-time",
        "90d",
        "Any moment back to here can be restored."
    );

    private static readonly PlanKey<int?> Daily = OptionalKey.Count(
        "daily",
        "90",
        "Newest snapshot of each of so many days."
    );

    private static readonly PlanKey<int?> Weekly = OptionalKey.Count(
        "weekly",
        "52",
        "Newest snapshot of each of so many weeks."
    );

    private static readonly PlanKey<int?> Monthly = OptionalKey.Count(
        "monthly",
        "24",
        "Newest snapshot of each of so many months."
    );

    private static readonly PlanKey<int> VerifiedCopies = new("verified-copies", DocumentTypes.Count)
    {
        Default = "1",
        Example = "3",
        About = "Never fewer verified copies of an asset than this, however old they are.",
    };

    private static readonly PlanKey<TimeSpan?> Documents = OptionalKey.Span(
        "documents",
        "2192d",
        "How long records and versions of the plan are kept."
    );

    private static readonly PlanKey<string?> LegalHold = OptionalKey.Text(
        "legal-hold",
        "case 2026-17",
        "While it stands here, nothing expires; the reason is the value.",
        "no hold"
    );

    public static readonly PlanSection Section = new(
        "retention",
        "How long copies are kept.",
        [PointInTime, Daily, Weekly, Monthly, VerifiedCopies, Documents, LegalHold]
    );

    public static readonly PlanKey<Retention?> Key = OptionalKey.Of(
        "retention",
        PlanGroups.One(() => Section, Read),
        "{ point-in-time: 90d, monthly: 24 }",
        "How long copies are kept.",
        "everything is kept"
    );

    public static void Write(Utf8JsonWriter json, Retention retention)
    {
        json.WriteSpan("pointInTime", retention.PointInTime);
        json.WriteCount("daily", retention.Daily);
        json.WriteCount("weekly", retention.Weekly);
        json.WriteCount("monthly", retention.Monthly);
        json.WriteNumber("verifiedCopies", retention.VerifiedCopies);
        json.WriteSpan("documents", retention.Documents);
        json.WriteText("legalHold", retention.LegalHold);
    }

    private static Retention Read(PlanMapping keys) =>
        new()
        {
            PointInTime = keys.Get(PointInTime),
            Daily = keys.Get(Daily),
            Weekly = keys.Get(Weekly),
            Monthly = keys.Get(Monthly),
            VerifiedCopies = keys.Get(VerifiedCopies),
            Documents = keys.Get(Documents),
            LegalHold = keys.Get(LegalHold),
        };
}
