using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Resurgam.Core.Git;

/// <summary>What is taken back of a branch: one commit, or all that came after one and up to another.</summary>
/// <param name="After">An id or a tag that stays; null: what stands right before <paramref name="Until"/>.</param>
/// <param name="Until">The last one that is taken back; null: the newest of the branch.</param>
public sealed partial record GitSpan(string? After, string? Until)
{
    public const string Forms =
        "commits as ID, ID..ID, or 'ID..' for all that came after; an id of 7 to 64 digits, or 'tags/NAME'";

    private const string TagFolder = "tags/";
    private const string Separator = "..";

    /// <summary>Never HEAD or the name of a branch: a second try could mean another commit.</summary>
    [GeneratedRegex(
        @"^([0-9a-f]{7,64}|tags/[A-Za-z0-9_][A-Za-z0-9_+-]*([./][A-Za-z0-9_][A-Za-z0-9_+-]*)*)\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Revision { get; }

    /// <summary>An id or its beginning, or <c>tags/NAME</c>.</summary>
    public static bool IsRevision(string text) => Revision.IsMatch(text);

    /// <summary>Full names of the tags in it: <c>refs/tags/good</c>.</summary>
    public IEnumerable<string> Tags => new[] { After, Until }.Where(IsTag).Select(tag => $"refs/{tag}");

    public static bool TryParse(string text, [NotNullWhen(true)] out GitSpan? span)
    {
        var at = text.IndexOf(Separator, StringComparison.Ordinal);
        var (after, until) = at < 0 ? (null, text) : (text[..at], text[(at + Separator.Length)..]);
        var isOpen = after is not null && until.Length == 0;
        span = new GitSpan(after, isOpen ? null : until);
        return (after is null || IsRevision(after)) && (isOpen || IsRevision(until));
    }

    public static bool IsTag([NotNullWhen(true)] string? revision) =>
        revision?.StartsWith(TagFolder, StringComparison.Ordinal) == true;

    /// <summary>As the plan has it.</summary>
    public override string ToString() => After is null ? $"{Until}" : $"{After}{Separator}{Until}";
}
