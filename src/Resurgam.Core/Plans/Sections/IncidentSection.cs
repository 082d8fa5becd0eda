using System.Text.Json;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Severities, notices, and what is measured.</summary>
internal static class IncidentSection
{
    private static readonly PlanKey<string?> About = OptionalKey.Text(
        "about",
        "Complete outage.",
        "What counts as this."
    );

    private static readonly PlanKey<TimeSpan> Respond = OptionalKey.Required(
        "respond-within",
        DocumentTypes.Span,
        "15m",
        "Longest until somebody works on it."
    );

    private static readonly PlanKey<TimeSpan?> Update = OptionalKey.Span(
        "update-every",
        "30m",
        "Longest until the next word to those who wait."
    );

    private static readonly PlanKey<ValueList<string>> Notify = OptionalKey.Names(
        "notify",
        "[sre, cto]",
        "Names of `people` and `channels`."
    );

    private static readonly PlanKey<string> Subject = OptionalKey.Required(
        "subject",
        PlanTypes.Text,
        "'[SEV-1] Outage'",
        "The subject."
    );

    private static readonly PlanKey<string> Body = OptionalKey.Required(
        "body",
        PlanTypes.Text,
        "'Since {{ started }}: {{ impact }}'",
        "The text; `{{ word }}` stands for what the incident knows."
    );

    private static readonly PlanKey<string> Meaning = OptionalKey.Required(
        "about",
        PlanTypes.Text,
        "From the fault to the steady state.",
        "What is measured, from when to when."
    );

    private static readonly PlanKey<string> Target = OptionalKey.Required(
        "target",
        PlanTypes.Text,
        "under 2h",
        "The value that it should have, in words."
    );

    public static readonly PlanSection Section = new(
        "severities.NAME",
        "How bad an incident is, and what then follows.",
        [About, Respond, Update, Notify]
    );

    public static readonly PlanSection TemplateSection = new("templates.NAME", "A notice.", [Subject, Body]);

    public static readonly PlanSection MetricSection = new("metrics.NAME", "What is measured.", [Meaning, Target]);

    public static readonly PlanKey<ValueList<Severity>> Key = OptionalKey.Of(
        "severities",
        PlanGroups.Named(() => Section, Read),
        "{ SEV-1: { respond-within: 15m, notify: [sre] } }",
        "How bad incidents can be, by name, the worst first."
    );

    public static readonly PlanKey<ValueList<NoticeTemplate>> TemplateKey = OptionalKey.Of(
        "templates",
        PlanGroups.Named(() => TemplateSection, ReadTemplate),
        "{ resolved: { subject: Resolved, body: It is over. } }",
        "Notices, by their names."
    );

    public static readonly PlanKey<ValueList<MetricTarget>> MetricKey = OptionalKey.Of(
        "metrics",
        PlanGroups.Named(() => MetricSection, ReadMetric),
        "{ mttr: { about: mean time to recover, target: under 2h } }",
        "What is measured, by its name."
    );

    public static void Write(Utf8JsonWriter json, Plan plan)
    {
        json.WriteNamed(
            "severities",
            plan.Severities,
            severity => severity.Name,
            severity =>
            {
                json.WriteText("about", severity.About);
                json.WriteSpan("respondWithin", severity.RespondWithin);
                json.WriteSpan("updateEvery", severity.UpdateEvery);
                json.WriteSomeTexts("notify", severity.Notify);
            }
        );
        json.WriteNamed(
            "templates",
            plan.Templates,
            template => template.Name,
            template =>
            {
                json.WriteString("subject", template.Subject);
                json.WriteString("body", template.Body);
            }
        );
        json.WriteNamed(
            "metrics",
            plan.Metrics,
            metric => metric.Name,
            metric =>
            {
                json.WriteString("about", metric.About);
                json.WriteString("target", metric.Target);
            }
        );
    }

    private static Severity Read(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            About = keys.Get(About),
            RespondWithin = keys.Get(Respond),
            UpdateEvery = keys.Get(Update),
            Notify = keys.Get(Notify),
        };

    private static NoticeTemplate ReadTemplate(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            Subject = keys.Get(Subject),
            Body = keys.Get(Body),
        };

    private static MetricTarget ReadMetric(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            About = keys.Get(Meaning),
            Target = keys.Get(Target),
        };
}
