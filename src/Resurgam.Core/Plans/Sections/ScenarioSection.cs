using System.Text.Json;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Kinds of disaster, and the drills that rehearse them.</summary>
internal static class ScenarioSection
{
    private static readonly PlanKey<string?> Title = OptionalKey.Text(
        "title",
        "Complete loss of the database",
        "What people call it.",
        "its name"
    );

    private static readonly PlanKey<Impact?> Impact = OptionalKey.Of(
        "impact",
        DocumentTypes
            .Choice(("full", Plans.Impact.Full), ("partial", Plans.Impact.Partial), ("varies", Plans.Impact.Varies))
            .OrUnknown,
        "full",
        "How much is down."
    );

    private static readonly PlanKey<Probability?> Probability = OptionalKey.Of(
        "probability",
        DocumentTypes
            .Choice(
                ("high", Plans.Probability.High),
                ("medium", Plans.Probability.Medium),
                ("low", Plans.Probability.Low),
                ("very-low", Plans.Probability.VeryLow)
            )
            .OrUnknown,
        "medium",
        "How likely it is."
    );

    private static readonly PlanKey<string?> Runbook = OptionalKey.Text(
        "runbook",
        "restore-db",
        "What is carried out: a name of `runbooks`."
    );

    private static readonly PlanKey<ValueList<string>> Affects = OptionalKey.Names(
        "affects",
        "[db, phi-service]",
        "Names of the assets, services and dependencies that it hits."
    );

    private static readonly PlanKey<ValueList<string>> Symptoms = OptionalKey.Texts(
        "symptoms",
        "[connections are refused]",
        "How people notice it."
    );

    private static readonly PlanKey<string?> Severity = OptionalKey.Text(
        "severity",
        "SEV-1",
        "A name of `severities`."
    );

    private static readonly PlanKey<string> DrillScenario = OptionalKey.Required(
        "scenario",
        PlanTypes.Text,
        "database-loss",
        "Which scenario it rehearses: its runbook runs on isolated targets."
    );

    private static readonly PlanKey<ValueList<string>> Success = OptionalKey.Texts(
        "success",
        "[all rows are there]",
        "What must hold until the end, in words."
    );

    private static readonly PlanKey<ValueList<string>> AbortWhen = OptionalKey.Texts(
        "abort-when",
        "[a real incident begins]",
        "When it is cut off, in words."
    );

    public static readonly PlanSection Section = new(
        "scenarios.NAME",
        "A kind of disaster, with its objectives and its runbook.",
        [
            Title,
            Impact,
            Probability,
            ObjectiveSection.Rto,
            ObjectiveSection.Rpo,
            ObjectiveSection.Mtpd,
            Runbook,
            Affects,
            Symptoms,
            Severity,
        ]
    );

    public static readonly PlanSection DrillSection = new(
        "drills.NAME",
        "A rehearsal of a scenario.",
        [Title, DrillScenario, Success, AbortWhen, .. DrillKeys.All]
    );

    public static readonly PlanKey<ValueList<Scenario>> Key = OptionalKey.Of(
        "scenarios",
        PlanGroups.Named(() => Section, Read),
        "{ database-loss: { rto: 2h, rpo: 1h, runbook: restore-db } }",
        "Kinds of disaster: a group for each, by its name."
    );

    public static readonly PlanKey<ValueList<Drill>> DrillKey = OptionalKey.Of(
        "drills",
        PlanGroups.Named(() => DrillSection, ReadDrill),
        "{ restore-test: { scenario: database-loss } }",
        "Rehearsals: a group for each, by its name; `schedules` says when."
    );

    public static string WordOf(Impact impact) =>
        impact switch
        {
            Plans.Impact.Full => "full",
            Plans.Impact.Partial => "partial",
            Plans.Impact.Varies => "varies",
        };

    public static string WordOf(Probability probability) =>
        probability switch
        {
            Plans.Probability.High => "high",
            Plans.Probability.Medium => "medium",
            Plans.Probability.Low => "low",
            Plans.Probability.VeryLow => "very-low",
        };

    public static void Write(Utf8JsonWriter json, Plan plan)
    {
        json.WriteNamed(
            "scenarios",
            plan.Scenarios,
            scenario => scenario.Name,
            scenario =>
            {
                json.WriteString("title", scenario.Title);
                json.WriteText("impact", scenario.Impact is { } impact ? WordOf(impact) : null);
                json.WriteText("probability", scenario.Probability is { } probability ? WordOf(probability) : null);
                ObjectiveSection.Write(json, scenario.Objectives);
                json.WriteText("runbook", scenario.Runbook);
                json.WriteSomeTexts("affects", scenario.Affects);
                json.WriteSomeTexts("symptoms", scenario.Symptoms);
                json.WriteText("severity", scenario.Severity);
            }
        );
        json.WriteNamed(
            "drills",
            plan.Drills,
            drill => drill.Name,
            drill =>
            {
                json.WriteString("title", drill.Title);
                json.WriteString("scenario", drill.Scenario);
                json.WriteSomeTexts("success", drill.Success);
                json.WriteSomeTexts("abortWhen", drill.AbortWhen);
                // A drill in words only has the identity that it had before drills could be carried out.
                if (drill.Text.Length > 0)
                {
                    json.WritePropertyName("carriedOut");
                    json.WriteRawValue(drill.Text);
                }
            }
        );
    }

    private static Scenario Read(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            Title = keys.Get(Title) ?? name,
            Impact = keys.Get(Impact),
            Probability = keys.Get(Probability),
            Objectives = ObjectiveSection.Read(keys),
            Runbook = keys.Get(Runbook),
            Affects = keys.Get(Affects),
            Symptoms = keys.Get(Symptoms),
            Severity = keys.Get(Severity),
        };

    private static Drill ReadDrill(string name, PlanMapping keys) =>
        new()
        {
            Name = name,
            Title = keys.Get(Title) ?? name,
            Scenario = keys.Get(DrillScenario),
            Success = keys.Get(Success),
            AbortWhen = keys.Get(AbortWhen),
            Prepare = keys.Get(DrillKeys.Prepare),
            Inject = keys.Get(DrillKeys.Inject),
            Holds = keys.Get(DrillKeys.Holds),
            HoldFor = keys.Get(DrillKeys.HoldFor) ?? DrillKeys.DefaultHold,
            NewestBefore = keys.Get(DrillKeys.NewestBefore),
            NewestAfter = keys.Get(DrillKeys.NewestAfter),
            From = keys.Get(DrillKeys.From),
            Text = DrillKeys.All.Any(keys.Has) ? RunbookText.OfDrill(keys.Self.Node) : "",
        };
}
