using System.Text.RegularExpressions;
using Resurgam.Tests.Support;

namespace Resurgam.Tests;

/// <summary>What we agreed on and no analyser sees. Each rule looks at text and gives its findings as <c>path:line: what</c>.</summary>
internal static partial class TidyRules
{
    public const int MaxLines = 600;

    private static readonly string[] RootProse = ["README.md", "ARCHITECTURE.md", "STYLE.md", "CHANGELOG.md"];
    private static readonly string[] ProseEndings = [".md", ".txt", ".rst", ".adoc", ".org", ".doc", ".pdf"];

    /// <summary>Started and forgotten: its failure would be nobody's.</summary>
    public static IEnumerable<string> ForgottenTasks(RepositoryFile file) =>
        Matches(file, ForgottenTask(), "a task is started and forgotten: keep it and await it");

    /// <summary>The compiler was told to be quiet instead of convinced.</summary>
    public static IEnumerable<string> NullSuppressions(RepositoryFile file) =>
        Matches(file, NullSuppression(), "'!' silences the compiler: say what happens when it is null");

    /// <summary>A failure dropped. It may be so for one named exception, and then a comment in the block says why.</summary>
    public static IEnumerable<string> EmptyCatches(RepositoryFile file) =>
        EmptyCatch()
            .Matches(CSharpText.CodeOnly(file.Text))
            .Where(match =>
                !(
                    match.Groups["what"].Success
                    && file.Text.AsSpan(match.Index, match.Length).Contains("//", StringComparison.Ordinal)
                )
            )
            .Select(match => At(file, match, "a failure is dropped: name the exception and say why in the block"));

    /// <summary>Waiting without an end, for a cancellation, is no wait on the clock.</summary>
    public static IEnumerable<string> Waits(RepositoryFile file) =>
        Matches(file, Wait(), "a test waits on the clock: wait for the event, or turn a FakeTimeProvider");

    public static IEnumerable<string> VagueNames(RepositoryFile file) =>
        Matches(file, VagueName(), "the type's last word says nothing: name what it is or does");

    public static IEnumerable<string> OpenEnds(RepositoryFile file) =>
        OpenEnd()
            .Matches(file.Text)
            .Select(match => At(file, match, $"'{match.Value}' without the number of an issue: (#12)"));

    public static IEnumerable<string> LongFiles(RepositoryFile file) =>
        file.LineAt(file.Text.Length) - 1 is var lines and > MaxLines
            ? [$"{file.Path}: {lines} lines, and {MaxLines} are the most"]
            : [];

    public static IEnumerable<string> UnfinishedEnds(RepositoryFile file) =>
        file.Text.Length == 0 || file.Text.EndsWith('\n') || IsWrittenByTool(file)
            ? []
            : [$"{file.Path}: the last line has no end"];

    public static IEnumerable<string> StrayVersions(RepositoryFile file) =>
        file.Name == "Directory.Packages.props"
            ? []
            : PackageVersion()
                .Matches(file.Text)
                .Select(match => At(file, match, "versions stand in Directory.Packages.props"));

    public static IEnumerable<string> StrayProse(IEnumerable<string> pathsInRoot) =>
        pathsInRoot
            .Where(path => !path.Contains('/') && ProseEndings.Any(path.EndsWith))
            .Except([.. RootProse, "BannedSymbols.txt"])
            .Select(path => $"{path}: prose in the root; plans live in issues, the rest in docs/");

    /// <summary>Paths into docs/ that lead nowhere. CODE and {…} stand for any name.</summary>
    public static IEnumerable<string> DeadPaths(RepositoryFile file, Func<string, bool> exists) =>
        DocsPath()
            .Matches(file.Text)
            .Where(match => !match.Value.Contains("CODE", StringComparison.Ordinal))
            .Where(match => !exists(match.Value.TrimEnd('.', '/')))
            .Select(match => At(file, match, $"{match.Value} does not exist"));

    /// <summary>Symbols that a page of ours names in backquotes and no source file declares or uses any more.</summary>
    public static IEnumerable<string> DeadSymbols(RepositoryFile page, Func<string, bool> isInCode) =>
        Symbol()
            .Matches(page.Text)
            .Where(match => !match.Groups["word"].Captures.All(word => isInCode(word.Value)))
            .Select(match => At(page, match, $"{match.Value} is not in the code"));

    /// <summary>The codes of the problems that a source file makes.</summary>
    public static IEnumerable<string> ErrorCodes(RepositoryFile file)
    {
        var named = CodeBeforeRemedy().Matches(file.Text).Concat(CodeInFactory().Matches(file.Text));
        var all = file.Name.EndsWith("Problems.cs", StringComparison.Ordinal)
            ? named.Concat(CodeLike().Matches(file.Text))
            : named;
        return all.Select(match => match.Groups["code"].Value).Distinct();
    }

    /// <summary>Codes without a page, and pages without a code.</summary>
    /// <param name="sources">Files of src.</param>
    /// <param name="pages">Names of the files in docs/errors.</param>
    public static IEnumerable<string> ErrorPages(IReadOnlyList<RepositoryFile> sources, IReadOnlyList<string> pages)
    {
        var without = sources
            .SelectMany(ErrorCodes)
            .Distinct()
            .Where(code => !pages.Contains($"{code}.md"))
            .Select(code => $"docs/errors/{code}.md is missing");
        var dead = pages
            .Select(page => page[..^".md".Length])
            .Where(code => !sources.Any(file => file.Text.Contains($"\"{code}\"", StringComparison.Ordinal)))
            .Select(code => $"docs/errors/{code}.md explains a code that no source has");
        return without.Concat(dead).Order(StringComparer.Ordinal);
    }

    private static bool IsWrittenByTool(RepositoryFile file) =>
        file.Name is "packages.lock.json" || file.Name.EndsWith(".golden", StringComparison.Ordinal);

    private static IEnumerable<string> Matches(RepositoryFile file, Regex rule, string finding) =>
        rule.Matches(CSharpText.CodeOnly(file.Text)).Select(match => At(file, match, finding));

    private static string At(RepositoryFile file, Match match, string finding) =>
        $"{file.Path}:{file.LineAt(match.Index)}: {finding}";

    [GeneratedRegex(@"\b_\s*=(?!>)(?!\s*await\b)\s*(?:[^;=]*Async\s*(?:<[^;()]*>)?\(|Task\s*\.\s*(?:Run|Factory)\b)")]
    private static partial Regex ForgottenTask();

    [GeneratedRegex(@"(?<=[\w)\]}""'])!(?!=)")]
    private static partial Regex NullSuppression();

    [GeneratedRegex(@"\bcatch\b\s*(?<what>\([^()]*\)\s*)?(?:when\s*\(.*\)\s*)?\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(
        @"\b(?:Task\s*\.\s*Delay\b(?!\(\s*Timeout\s*\.\s*Infinite)|Thread\s*\.\s*Sleep|Thread\s*\.\s*SpinWait)\b"
    )]
    private static partial Regex Wait();

    [GeneratedRegex(
        @"\b(?:class|struct|record|interface|enum)\s+\w*(?:Manager|Helpers?|Processor|Impl|Info|Data|Base|Utils?|Utility)\b(?=\s*[<(:{;\n])"
    )]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK)\b(?!\s*\(#\d+\))")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(@"<PackageReference\b[^>]*\bVersion(?:Override)?\s*=|#:package\s+\S+@")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"\bdocs/[\w./-]+")]
    private static partial Regex DocsPath();

    [GeneratedRegex(@"`(?:(?<word>[A-Z][a-z]+[A-Z]\w*|I[A-Z]\w+)(?:\.(?<word>[A-Z]\w+))?)`")]
    private static partial Regex Symbol();

    [GeneratedRegex(@"(?<!=>\s*)""(?<code>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)""\s*,\s*Remedy\.")]
    private static partial Regex CodeBeforeRemedy();

    [GeneratedRegex(@"(?<![.\w])(?:new\s+Problem|Of)\(\s*""(?<code>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)""")]
    private static partial Regex CodeInFactory();

    [GeneratedRegex(@"""(?<code>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)""")]
    private static partial Regex CodeLike();
}
