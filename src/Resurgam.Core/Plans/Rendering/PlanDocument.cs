using System.Globalization;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>The document that people sign, made from the plan alone: the same plan is the same document.</summary>
public static class PlanDocument
{
    public static string Render(Plan plan, DocumentFormat format)
    {
        List<Block> blocks =
        [
            .. Front(plan),
            .. Platform(plan),
            .. Copies(plan),
            .. RunbookChapter.Of(plan),
            .. DrillChapter.Of(plan),
            .. Incidents(plan),
            .. Contacts(plan),
            .. Improvement(plan),
            .. Signatures(plan),
        ];
        return format switch
        {
            DocumentFormat.Markdown => MarkdownText.Of(blocks),
            DocumentFormat.Html => HtmlText.Of(TitleOf(plan), blocks),
        };
    }

    internal static string Span(TimeSpan? span) => span is { } value ? Duration.Format(value) : "-";

    internal static string List(IEnumerable<string> texts) => string.Join(", ", texts);

    private static string TitleOf(Plan plan) => plan.Document?.Title ?? $"Disaster recovery plan: {plan.Name}";

    private static string Day(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture) ?? "-";

    private static Block.Table Facts(string caption, params IEnumerable<(string Name, string Value)> facts) =>
        new(caption, ["what", "value"], [.. facts.Select(fact => (ValueList<string>)[fact.Name, fact.Value])]);

    private static IEnumerable<Block> Table(string caption, ValueList<string> head, IEnumerable<ValueList<string>> rows)
    {
        ValueList<ValueList<string>> all = [.. rows];
        if (all.Count > 0)
            yield return new Block.Table(caption, head, all);
    }

    /// <summary>A chapter only when there is something in it.</summary>
    private static IEnumerable<Block> Chapter(int level, string title, IEnumerable<Block> inside)
    {
        List<Block> blocks = [.. inside];
        return blocks.Count == 0 ? [] : [new Block.Heading(level, title), .. blocks];
    }

    private static IEnumerable<Block> Front(Plan plan)
    {
        var document = plan.Document ?? new DocumentFacts();
        yield return new Block.Heading(1, TitleOf(plan));
        yield return Facts(
            "The document",
            ("Version", document.Version ?? "-"),
            ("Last updated", Day(document.Updated)),
            ("Owner", document.Owner ?? "-"),
            ("Approver", document.Approver ?? "-"),
            ("Reviewers", document.Reviewers.Count == 0 ? "-" : List(document.Reviewers)),
            ("Reviewed every", Span(document.ReviewEvery)),
            ("Next review", Day(document.NextReview)),
            ("Content hash (SHA-256)", plan.Hash)
        );
        yield return new Block.Heading(2, "Summary");
        yield return new Block.Paragraph(
            document.Summary
                ?? $"How the assets of plan '{plan.Name}' are kept, and how they come back after a disaster."
        );
        yield return Facts(
            "Objectives of the whole",
            ("Recovery time objective (RTO)", Span(plan.Objectives?.Rto)),
            ("Recovery point objective (RPO)", Span(plan.Objectives?.Rpo)),
            ("Maximum tolerable period of disruption (MTPD)", Span(plan.Objectives?.Mtpd)),
            ("Copies are kept for", Span(plan.Retention?.PointInTime)),
            ("Documents are kept for", Span(plan.Retention?.Documents))
        );
    }

    private static IEnumerable<Block> Platform(Plan plan) =>
        Chapter(
            2,
            "1. What is protected",
            [
                .. Chapter(
                    3,
                    "Services",
                    Table(
                        "Services and what each needs first",
                        ["service", "what it does", "needs", "critical"],
                        plan.Services.Select(service =>
                            (ValueList<string>)
                                [
                                    service.Name,
                                    service.About ?? "-",
                                    List(service.Needs),
                                    service.IsCritical ? "yes" : "no",
                                ]
                        )
                    )
                ),
                .. Chapter(
                    3,
                    "Assets",
                    Table(
                        "Assets and their objectives",
                        ["asset", "kind", "what is in it", "RPO", "RTO", "failure domain"],
                        plan.Assets.Select(asset =>
                            (ValueList<string>)
                                [
                                    asset.Id.Value,
                                    asset.Kind,
                                    asset.About ?? "-",
                                    Span(asset.Rpo),
                                    Span(asset.Rto),
                                    asset.FailureDomain ?? "-",
                                ]
                        )
                    )
                ),
                .. Chapter(
                    3,
                    "External dependencies",
                    Table(
                        "What others provide, and what is done without it",
                        ["dependency", "what it is", "while it is away", "vendor"],
                        plan.Dependencies.Select(dependency =>
                            (ValueList<string>)
                                [
                                    dependency.Name,
                                    dependency.About ?? "-",
                                    dependency.Fallback ?? "not decided",
                                    dependency.Vendor ?? "-",
                                ]
                        )
                    )
                ),
                .. Chapter(3, "Scenarios", Scenarios(plan)),
            ]
        );

    private static IEnumerable<Block> Scenarios(Plan plan) =>
        Table(
            "Scenarios and their objectives",
            ["scenario", "impact", "probability", "severity", "hits", "RTO", "RPO", "runbook"],
            plan.Scenarios.Select(scenario =>
                (ValueList<string>)
                    [
                        scenario.Title,
                        scenario.Impact is { } impact ? ScenarioSection.WordOf(impact) : "-",
                        scenario.Probability is { } probability ? ScenarioSection.WordOf(probability) : "-",
                        scenario.Severity ?? "-",
                        scenario.Affects.Count == 0 ? "-" : List(scenario.Affects),
                        Span(scenario.Objectives.Rto),
                        Span(scenario.Objectives.Rpo),
                        scenario.Runbook ?? "none",
                    ]
            )
        );

    private static IEnumerable<Block> Copies(Plan plan) =>
        Chapter(
            2,
            "2. Copies",
            [
                new Block.Paragraph(
                    $"Copies are sealed before they leave the machine, and lie in the vault {plan.Vault.Store}. Its secret is found in: {plan.Vault.Secret}."
                ),
                .. Chapter(
                    3,
                    "Places",
                    Table("Where the vault lies", ["place", "store", "fails together with"], Places(plan))
                ),
                .. Chapter(
                    3,
                    "Schedule",
                    Table(
                        "What is done when",
                        ["schedule", "what", "of", "when", "time zone"],
                        plan.Schedules.Select(schedule =>
                            (ValueList<string>)
                                [
                                    schedule.Name,
                                    ScheduleSection.WordOf(schedule.Work),
                                    schedule.Drill ?? schedule.Asset ?? "all",
                                    schedule.Cron.Text,
                                    schedule.Cron.Zone,
                                ]
                        )
                    )
                ),
                .. Chapter(3, "Verification", Questions(plan)),
                .. Chapter(3, "Retention", Retention(plan)),
                .. Chapter(
                    3,
                    "Keys",
                    Table(
                        "Keys, and where each lies beside its place of use",
                        ["key", "opens", "in the backup of", "also kept in"],
                        plan.Keys.Select(key =>
                            (ValueList<string>)[key.Name, List(key.Opens), List(key.BackedUpIn), List(key.Escrow)]
                        )
                    )
                ),
            ]
        );

    private static IEnumerable<ValueList<string>> Places(Plan plan) =>
        [
            ["primary", plan.Vault.Store.Written, plan.Vault.Primary.FailureDomain ?? "-"],
            .. plan.Vault.Replicas.Select(replica =>
                (ValueList<string>)[replica.Name, replica.Place.Store.Written, replica.Place.FailureDomain ?? "-"]
            ),
            .. plan.Vault.OfflineWithin is { } within
                ? (ValueList<string>[])
                    [
                        [
                            "offline media",
                            $"volumes that are carried away, a new set at least every {Duration.Rough(within)}",
                            "nothing",
                        ],
                    ]
                : [],
        ];

    private static IEnumerable<Block> Questions(Plan plan) =>
        Table(
            "What each verification asks of the restored data",
            ["question", "of", "SQL", "expected"],
            plan.Assets.SelectMany(asset =>
                QuestionsOf(asset)
                    .Select(question =>
                        (ValueList<string>)
                            [question.Name, asset.Id.Value, $"`{question.Sql}`", question.Expect ?? "any answer"]
                    )
            )
        );

    private static ValueList<Question> QuestionsOf(Asset asset) =>
        asset switch
        {
            Asset.Postgres postgres => postgres.Questions,
            Asset.LogicalPostgres logical => logical.Questions,
            _ => [],
        };

    private static IEnumerable<Block> Retention(Plan plan)
    {
        if (plan.Retention is not { } retention)
            yield break;
        yield return Facts(
            "How long copies are kept",
            ("Any moment of the last", Span(retention.PointInTime)),
            ("Daily, weekly, monthly copies", List(Counts(retention.Daily, retention.Weekly, retention.Monthly))),
            ("Never fewer verified copies than", retention.VerifiedCopies.ToString(CultureInfo.InvariantCulture)),
            ("Documents and records", Span(retention.Documents)),
            ("Legal hold", retention.LegalHold ?? "none")
        );
    }

    private static IEnumerable<string> Counts(params IEnumerable<int?> counts) =>
        counts.Select(count => count?.ToString(CultureInfo.InvariantCulture) ?? "-");

    private static IEnumerable<Block> Incidents(Plan plan) =>
        Chapter(
            2,
            "5. Incidents and notices",
            [
                .. Table(
                    "Severities",
                    ["severity", "what it is", "answered within", "next word", "told to"],
                    plan.Severities.Select(severity =>
                        (ValueList<string>)
                            [
                                severity.Name,
                                severity.About ?? "-",
                                Span(severity.RespondWithin),
                                Span(severity.UpdateEvery),
                                List(severity.Notify),
                            ]
                    )
                ),
                .. plan.Templates.SelectMany(template =>
                    (Block[])
                        [
                            new Block.Heading(3, $"Notice: {template.Name}"),
                            new Block.Verbatim($"Subject: {template.Subject}\n\n{template.Body.TrimEnd()}"),
                        ]
                ),
            ]
        );

    private static IEnumerable<Block> Contacts(Plan plan) =>
        Chapter(
            2,
            "6. People",
            [
                .. Chapter(
                    3,
                    "On call",
                    Table(
                        "Who is called, and who after whom",
                        ["who", "after"],
                        plan.OnCall.Select(call => (ValueList<string>)[call.Who, Span(call.After)])
                    )
                ),
                .. Chapter(
                    3,
                    "People and teams",
                    Table(
                        "People and how they are reached",
                        ["name", "role", "reached by"],
                        plan.People.Select(person =>
                            (ValueList<string>)[person.Name, person.Role ?? "-", Addresses(plan, person.Reach)]
                        )
                    )
                ),
                .. Chapter(
                    3,
                    "Vendors",
                    Table(
                        "Vendors",
                        ["vendor", "for", "contract", "reached by"],
                        plan.Vendors.Select(vendor =>
                            (ValueList<string>)
                                [
                                    vendor.Name,
                                    vendor.About ?? "-",
                                    vendor.Contract ?? "-",
                                    Addresses(plan, vendor.Reach),
                                ]
                        )
                    )
                ),
            ]
        );

    private static string Addresses(Plan plan, ValueList<string> names) =>
        List(
            names.Select(name =>
                plan.Channels.FirstOrDefault(channel => channel.Name == name) is { } channel
                    ? $"{PeopleSection.WordOf(channel.Kind)} {channel.Address ?? "(secret)"}"
                    : name
            )
        );

    private static IEnumerable<Block> Improvement(Plan plan) =>
        Chapter(
            2,
            "7. Improvement",
            [
                .. Chapter(
                    3,
                    "After every incident",
                    plan.Document is { AfterIncident: { Count: > 0 } steps } ? [new Block.Items(steps)] : []
                ),
                .. Chapter(
                    3,
                    "What is measured",
                    Table(
                        "Metrics and their targets",
                        ["metric", "what it is", "target"],
                        plan.Metrics.Select(metric => (ValueList<string>)[metric.Name, metric.About, metric.Target])
                    )
                ),
                .. Chapter(
                    3,
                    "Change log",
                    Table(
                        "Versions of this document",
                        ["version", "date", "author", "changes"],
                        (plan.Document?.Changes ?? []).Select(change =>
                            (ValueList<string>)[change.Version, Day(change.Date), change.Author, change.What]
                        )
                    )
                ),
            ]
        );

    private static IEnumerable<Block> Signatures(Plan plan)
    {
        yield return new Block.Heading(2, "Signatures");
        yield return new Block.Paragraph(
            $"Signed is the plan with the content hash {plan.Hash}. 'resurgam plan show' prints the hash of the plan that is carried out; every snapshot, run and drill records it."
        );
        yield return new Block.Table(
            "Signatures",
            ["role", "name", "date", "signature"],
            [
                ["Owner", plan.Document?.Owner ?? "", "", ""],
                .. (plan.Document?.Reviewers ?? []).Select(name => (ValueList<string>)["Reviewer", name, "", ""]),
                ["Approver", plan.Document?.Approver ?? "", "", ""],
            ]
        );
    }
}
