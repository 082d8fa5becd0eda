using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Makes keys that may be left out, in one line each.</summary>
internal static class OptionalKey
{
    private const string None = "none";

    public static PlanKey<string?> Text(string name, string example, string about, string without = None) =>
        new(name, PlanTypes.Text.OrNone)
        {
            DefaultInWords = without,
            Example = example,
            About = about,
        };

    public static PlanKey<ValueList<string>> Texts(string name, string example, string about) =>
        Of(name, DocumentTypes.Texts, example, about);

    public static PlanKey<ValueList<string>> Names(string name, string example, string about) =>
        Of(name, DocumentTypes.Names, example, about);

    public static PlanKey<TimeSpan?> Span(string name, string example, string about, string without = None) =>
        Of(name, DocumentTypes.Span.OrUnknown, example, about, without);

    public static PlanKey<TimeSpan?> Loss(string name, string example, string about, string without = None) =>
        Of(name, DocumentTypes.Loss.OrUnknown, example, about, without);

    public static PlanKey<int?> Count(string name, string example, string about) =>
        Of(name, DocumentTypes.Count.OrUnknown, example, about);

    public static PlanKey<DateOnly?> Date(string name, string example, string about) =>
        Of(name, DocumentTypes.Date.OrUnknown, example, about);

    public static PlanKey<T> Of<T>(
        string name,
        PlanType<T> type,
        string example,
        string about,
        string without = None
    ) =>
        new(name, type)
        {
            DefaultInWords = without,
            Example = example,
            About = about,
        };

    public static PlanKey<T> Required<T>(string name, PlanType<T> type, string example, string about) =>
        new(name, type)
        {
            IsRequired = true,
            Example = example,
            About = about,
        };
}
