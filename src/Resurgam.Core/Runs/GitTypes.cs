using System.Diagnostics;
using System.Text.RegularExpressions;
using Resurgam.Core.Git;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Kinds;

namespace Resurgam.Core.Runs;

/// <summary>The types that only values of Git targets and actions have.</summary>
internal static partial class GitTypes
{
    private static readonly GitAddress NoAddress = GitAddress.TryParse("/repository", out var parsed)
        ? parsed
        : throw new UnreachableException();

    public static readonly PlanType<GitAddress> Address = new("address of a repository", NoAddress, ReadAddress);

    public static readonly PlanType<string> Branch = new(
        "name of a branch",
        "main",
        value => RunbookTypes.Fitting(value, BranchPattern, "a branch, as 'main' or 'release/2'")
    );

    public static readonly PlanType<string> Author = new(
        "name and mail address",
        "",
        value => RunbookTypes.Fitting(value, AuthorPattern, "a name and a mail address, as 'SRE <sre@example.net>'")
    );

    public static readonly PlanType<GitSpan> Span = new("commits", new GitSpan(null, "0000000"), ReadSpan);

    public static readonly PlanType<string> Revision = new("commit", "0000000", ReadRevision);

    [GeneratedRegex(
        @"^(?!.*\.lock(/|\z))[A-Za-z0-9_][A-Za-z0-9_+#@-]*([./][A-Za-z0-9_][A-Za-z0-9_+#@-]*)*\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex BranchPattern { get; }

    [GeneratedRegex(@"^[^<>\p{C}]*[^<>\p{C}\s] <[^<>\p{C}\s]+>\z", RegexOptions.CultureInvariant)]
    private static partial Regex AuthorPattern { get; }

    private static GitAddress ReadAddress(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return NoAddress;
        if (GitAddress.TryParse(written, out var address))
            return address;
        value.Refuse(GitKind.BadAddress(value.Path, written));
        return NoAddress;
    }

    private static string ReadRevision(PlanValue value)
    {
        var written = PlanTypes.ReadText(value) ?? "0000000";
        if (!GitSpan.IsRevision(written))
            value.Refuse(RunbookProblems.Unfit(value.Path, written, "an id of 7 to 64 digits, or 'tags/NAME'"));
        return written;
    }

    private static GitSpan ReadSpan(PlanValue value)
    {
        var written = PlanTypes.ReadText(value);
        if (GitSpan.TryParse(written ?? "", out var span))
            return span;
        if (written is not null)
            value.Refuse(RunbookProblems.Unfit(value.Path, written, GitSpan.Forms));
        return new GitSpan(null, "0000000");
    }
}
