namespace Resurgam.Core.Plans;

/// <summary>Names of scenarios, people, services and so on: 1 to 60 of letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</summary>
internal static class PlanName
{
    public const int MaxLength = 60;

    public static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
