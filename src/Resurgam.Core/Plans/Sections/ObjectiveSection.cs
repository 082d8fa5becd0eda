using System.Text.Json;

namespace Resurgam.Core.Plans.Sections;

/// <summary>What is promised of the whole, and of each scenario.</summary>
internal static class ObjectiveSection
{
    public static readonly PlanKey<TimeSpan?> Rto = OptionalKey.Span("rto", "4h", "Longest that it may be down.");

    public static readonly PlanKey<TimeSpan?> Rpo = OptionalKey.Loss(
        "rpo",
        "1h",
        "Most data that may be lost, as time; `0s` is none."
    );

    public static readonly PlanKey<TimeSpan?> Mtpd = OptionalKey.Span(
        "mtpd",
        "24h",
        "Longest outage that the business survives (ISO 22301)."
    );

    public static readonly PlanSection Section = new("objectives", "What is promised of the whole.", [Rto, Rpo, Mtpd]);

    public static readonly PlanKey<Objectives?> Key = OptionalKey.Of(
        "objectives",
        PlanGroups.One(() => Section, Read),
        "{ rto: 4h, rpo: 1h }",
        "What is promised of the whole; a scenario may promise more."
    );

    public static Objectives Read(PlanMapping keys) => new(keys.Get(Rto), keys.Get(Rpo), keys.Get(Mtpd));

    public static void Write(Utf8JsonWriter json, Objectives objectives)
    {
        json.WriteSpan("rto", objectives.Rto);
        json.WriteSpan("rpo", objectives.Rpo);
        json.WriteSpan("mtpd", objectives.Mtpd);
    }
}
