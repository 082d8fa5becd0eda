using Resurgam.Tests.Support;

namespace Resurgam.Tests;

/// <summary>Holds the whole repository to <see cref="TidyRules"/>.</summary>
public sealed class TidyTests
{
    private static readonly IReadOnlyList<RepositoryFile> Sources = [.. RepositoryFiles.CSharp("src/")];
    private static readonly IReadOnlyList<RepositoryFile> Tests = [.. RepositoryFiles.CSharp("tests/")];

    [Fact]
    public void No_task_is_forgotten() => AssertNone(RepositoryFiles.CSharp().SelectMany(TidyRules.ForgottenTasks));

    [Fact]
    public void No_null_is_waved_through() => AssertNone(Sources.SelectMany(TidyRules.NullSuppressions));

    [Fact]
    public void No_catch_is_empty() => AssertNone(Sources.SelectMany(TidyRules.EmptyCatches));

    [Fact]
    public void No_test_waits_on_the_clock() =>
        AssertNone(Tests.Where(file => file.Name != "Eventually.cs").SelectMany(TidyRules.Waits));

    [Fact]
    public void Every_type_has_a_telling_name() =>
        AssertNone(RepositoryFiles.CSharp().SelectMany(TidyRules.VagueNames));

    [Fact]
    public void No_file_is_too_long() => AssertNone(RepositoryFiles.CSharp().SelectMany(TidyRules.LongFiles));

    [Fact]
    public void Every_open_end_has_its_issue() =>
        AssertNone(RepositoryFiles.CSharp().Where(file => !IsAboutTidiness(file)).SelectMany(TidyRules.OpenEnds));

    [Fact]
    public void Every_file_ends_with_a_line() => AssertNone(RepositoryFiles.All.SelectMany(TidyRules.UnfinishedEnds));

    [Fact]
    public void Every_package_version_is_central() =>
        AssertNone(RepositoryFiles.All.Where(file => !IsAboutTidiness(file)).SelectMany(TidyRules.StrayVersions));

    [Fact]
    public void The_root_holds_four_pages_of_prose() =>
        AssertNone(TidyRules.StrayProse(RepositoryFiles.All.Select(file => file.Path)));

    [Fact]
    public void Every_path_into_docs_leads_somewhere() =>
        AssertNone(
            RepositoryFiles
                .All.Where(file => !IsAboutTidiness(file))
                .SelectMany(file => TidyRules.DeadPaths(file, path => Path.Exists(Path.Combine(Repository.Root, path))))
        );

    [Fact]
    public void The_architecture_names_what_is_there()
    {
        var code = string.Join(
            '\n',
            RepositoryFiles.CSharp().Where(file => file.Name != "TidyRulesTests.cs").Select(file => file.Text)
        );

        AssertNone(
            RepositoryFiles
                .All.Where(file => file.Path is "ARCHITECTURE.md")
                .SelectMany(page => TidyRules.DeadSymbols(page, word => code.Contains(word, StringComparison.Ordinal)))
        );
    }

    [Fact]
    public void Every_error_code_has_its_page_and_every_page_its_code() =>
        AssertNone(
            TidyRules.ErrorPages(
                Sources,
                [
                    .. RepositoryFiles
                        .All.Where(file => file.Path.StartsWith("docs/errors/", StringComparison.Ordinal))
                        .Select(file => file.Name),
                ]
            )
        );

    /// <summary>The rules' own tests are full of what the rules forbid.</summary>
    private static bool IsAboutTidiness(RepositoryFile file) =>
        file.Name.StartsWith("Tidy", StringComparison.Ordinal)
        && file.Path.StartsWith("tests/", StringComparison.Ordinal);

    private static void AssertNone(IEnumerable<string> findings) =>
        Assert.True(!findings.Any(), string.Join('\n', findings.Prepend("")));
}
