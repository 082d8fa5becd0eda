using System.Text.Json;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>The plan as a document that people sign.</summary>
internal static class DocumentSection
{
    private static readonly PlanKey<string?> Title = OptionalKey.Text(
        "title",
        "Disaster Recovery Plan",
        "Heading of the document.",
        "`Disaster recovery plan` and the plan's name"
    );

    private static readonly PlanKey<string?> Summary = OptionalKey.Text(
        "summary",
        "How the platform comes back.",
        "What the plan is for, in a paragraph."
    );

    private static readonly PlanKey<string?> Version = OptionalKey.Text(
        "version",
        "'1.0'",
        "Version that people know it by."
    );

    private static readonly PlanKey<DateOnly?> Updated = OptionalKey.Date(
        "updated",
        "2025-12-08",
        "Day of the last change."
    );

    private static readonly PlanKey<string?> Owner = OptionalKey.Text(
        "owner",
        "sre",
        "Who keeps it: a name of `people`."
    );

    private static readonly PlanKey<string?> Approver = OptionalKey.Text(
        "approver",
        "cto",
        "Who signs it: a name of `people`."
    );

    private static readonly PlanKey<ValueList<string>> Reviewers = OptionalKey.Names(
        "reviewers",
        "[sre, cto]",
        "Who reads it: names of `people`."
    );

    private static readonly PlanKey<TimeSpan?> ReviewEvery = OptionalKey.Span(
        "review-every",
        "90d",
        "Longest time between two reviews."
    );

    private static readonly PlanKey<DateOnly?> NextReview = OptionalKey.Date(
        "next-review",
        "2026-03-08",
        "Day by which it is read again."
    );

    private static readonly PlanKey<ValueList<RuleProfile>> Profiles = OptionalKey.Of(
        "profiles",
        ProfilesType,
        "[hipaa]",
        "Rules of others that `plan check` holds the plan to: `hipaa`."
    );

    private static readonly PlanKey<ValueList<string>> AfterIncident = OptionalKey.Texts(
        "after-incident",
        "[Review within 48 hours.]",
        "What is done after every incident, in words."
    );

    private static readonly PlanKey<string> ChangeVersion = OptionalKey.Required(
        "version",
        PlanTypes.Text,
        "'1.0'",
        "The version."
    );

    private static readonly PlanKey<DateOnly> ChangeDate = OptionalKey.Required(
        "date",
        DocumentTypes.Date,
        "2025-12-08",
        "Its day."
    );

    private static readonly PlanKey<string> ChangeAuthor = OptionalKey.Required(
        "author",
        PlanTypes.Text,
        "SRE team",
        "Who wrote it."
    );

    private static readonly PlanKey<string> ChangeWhat = OptionalKey.Required(
        "what",
        PlanTypes.Text,
        "First version.",
        "What changed."
    );

    public static readonly PlanSection ChangeSection = new(
        "document.changes[]",
        "A line of the change log.",
        [ChangeVersion, ChangeDate, ChangeAuthor, ChangeWhat]
    );

    private static readonly PlanKey<ValueList<DocumentChange>> Changes = OptionalKey.Of(
        "changes",
        PlanGroups.List(() => ChangeSection, ReadChange),
        "[{ version: '1.0', date: 2025-12-08, author: SRE, what: First version. }]",
        "The change log."
    );

    public static readonly PlanSection Section = new(
        "document",
        "The plan as a document that people sign.",
        [
            Title,
            Summary,
            Version,
            Updated,
            Owner,
            Approver,
            Reviewers,
            ReviewEvery,
            NextReview,
            Profiles,
            AfterIncident,
            Changes,
        ]
    );

    public static readonly PlanKey<DocumentFacts?> Key = OptionalKey.Of(
        "document",
        PlanGroups.One(() => Section, Read),
        "{ version: '1.0', updated: 2025-12-08 }",
        "What the signed document says of itself."
    );

    private static PlanType<ValueList<RuleProfile>> ProfilesType =>
        new(
            "list of `hipaa`",
            [],
            value =>
            {
                List<RuleProfile> profiles = [];
                foreach (var word in PlanTypes.ReadTexts(value))
                    if (word == "hipaa")
                        profiles.Add(RuleProfile.Hipaa);
                    else
                        value.Refuse(PlanProblems.Choice(value.Path, word, ["hipaa"]));
                return [.. profiles];
            }
        );

    public static void Write(Utf8JsonWriter json, DocumentFacts facts)
    {
        json.WriteText("title", facts.Title);
        json.WriteText("summary", facts.Summary);
        json.WriteText("version", facts.Version);
        json.WriteDate("updated", facts.Updated);
        json.WriteText("owner", facts.Owner);
        json.WriteText("approver", facts.Approver);
        json.WriteSomeTexts("reviewers", facts.Reviewers);
        json.WriteSpan("reviewEvery", facts.ReviewEvery);
        json.WriteDate("nextReview", facts.NextReview);
        json.WriteSomeTexts("profiles", [.. facts.Profiles.Select(_ => "hipaa")]);
        json.WriteSomeTexts("afterIncident", facts.AfterIncident);
        json.WriteList(
            "changes",
            facts.Changes,
            change =>
            {
                json.WriteString("version", change.Version);
                json.WriteDate("date", change.Date);
                json.WriteString("author", change.Author);
                json.WriteString("what", change.What);
            }
        );
    }

    private static DocumentFacts Read(PlanMapping keys) =>
        new()
        {
            Title = keys.Get(Title),
            Summary = keys.Get(Summary),
            Version = keys.Get(Version),
            Updated = keys.Get(Updated),
            Owner = keys.Get(Owner),
            Approver = keys.Get(Approver),
            Reviewers = keys.Get(Reviewers),
            ReviewEvery = keys.Get(ReviewEvery),
            NextReview = keys.Get(NextReview),
            Profiles = keys.Get(Profiles),
            AfterIncident = keys.Get(AfterIncident),
            Changes = keys.Get(Changes),
        };

    private static DocumentChange ReadChange(PlanMapping keys) =>
        new(keys.Get(ChangeVersion), keys.Get(ChangeDate), keys.Get(ChangeAuthor), keys.Get(ChangeWhat));
}
