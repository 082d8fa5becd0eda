using Resurgam.Tests.Support;

namespace Resurgam.Tests;

/// <summary>Every rule is shown what it must find and what it must leave alone.</summary>
public sealed class TidyRulesTests
{
    [Theory]
    [InlineData("_ = store.PutAsync(key, bytes, token);")]
    [InlineData("_ = Task.Run(() => work());")]
    [InlineData("_ =\n    reader.ReadAsync<Row>(token);")]
    public void A_forgotten_task_is_found(string code) => Assert.Single(TidyRules.ForgottenTasks(File(code)));

    [Theory]
    [InlineData("_ = await store.PutAsync(key, bytes, token);")]
    [InlineData("await Task.WhenAll(items.Select(_ => PutAsync(token)));")]
    [InlineData("var run = PutAsync(token); // _ = PutAsync(token)")]
    [InlineData("_ = buffer.Read(); await x.PutAsync();")]
    public void An_awaited_task_is_left_alone(string code) => Assert.Empty(TidyRules.ForgottenTasks(File(code)));

    [Theory]
    [InlineData("var name = plan.Name!;")]
    [InlineData("return Find(id)!.Length;")]
    [InlineData("public string Name { get; init; } = null!;")]
    [InlineData("var text = $\"is {plan.Name!} there\";")]
    [InlineData("items[0]![1] = 2;")]
    public void A_waved_through_null_is_found(string code) => Assert.Single(TidyRules.NullSuppressions(File(code)));

    [Theory]
    [InlineData("if (!isOpen && a != b) return !x;")]
    [InlineData("var text = \"look! there\" + 'c' + @\"a!b\"; // no!")]
    [InlineData("var text = $\"really! {(!isOpen ? 1 : 2)}\";")]
    [InlineData("var text = \"\"\"wow! \"quoted!\" \"\"\";")]
    [InlineData("var quote = '\\''; /* x! */ var other = '\"';")]
    public void Other_exclamations_are_left_alone(string code) => Assert.Empty(TidyRules.NullSuppressions(File(code)));

    [Theory]
    [InlineData("try { A(); } catch { }")]
    [InlineData("try { A(); } catch { // whatever it is\n }")]
    [InlineData("try { A(); } catch (IOException) { }")]
    [InlineData("try { A(); } catch (IOException e) when (e.HResult == 2)\n{\n}")]
    public void An_empty_catch_is_found(string code) => Assert.Single(TidyRules.EmptyCatches(File(code)));

    [Theory]
    [InlineData("try { A(); } catch (IOException) { return false; }")]
    [InlineData("try { A(); } catch (FileNotFoundException) { // Gone already.\n }")]
    public void A_catch_that_acts_or_explains_is_left_alone(string code) =>
        Assert.Empty(TidyRules.EmptyCatches(File(code)));

    [Theory]
    [InlineData("await Task.Delay(10);")]
    [InlineData("Thread.Sleep(TimeSpan.FromSeconds(1));")]
    public void A_wait_on_the_clock_is_found(string code) => Assert.Single(TidyRules.Waits(File(code)));

    [Theory]
    [InlineData("await Task.Delay(Timeout.Infinite, token);")]
    [InlineData("time.Advance(TimeSpan.FromDays(8)); // not Task.Delay")]
    [InlineData("var text = \"Thread.Sleep\";")]
    public void A_turned_clock_is_left_alone(string code) => Assert.Empty(TidyRules.Waits(File(code)));

    [Theory]
    [InlineData("public sealed class BackupManager(IStore store);")]
    [InlineData("internal static class PathHelpers\n{")]
    [InlineData("public record struct RunInfo(int A);")]
    [InlineData("interface IThingImpl {")]
    public void A_vague_name_is_found(string code) => Assert.Single(TidyRules.VagueNames(File(code)));

    [Theory]
    [InlineData("public sealed class Database;")]
    [InlineData("public sealed class BackupManagerTests;")]
    [InlineData("/// <summary>A class Manager { of ours.</summary>")]
    public void A_telling_name_is_left_alone(string code) => Assert.Empty(TidyRules.VagueNames(File(code)));

    [Fact]
    public void An_open_end_needs_its_issue()
    {
        Assert.Equal(
            ["src/A.cs:2: 'TODO' without the number of an issue: (#12)"],
            TidyRules.OpenEnds(File("var a = 1;\n// TODO later"))
        );
        Assert.Empty(TidyRules.OpenEnds(File("// TODO (#12) later")));
    }

    [Fact]
    public void A_file_may_have_600_lines_and_no_more()
    {
        Assert.Empty(TidyRules.LongFiles(File(Lines(TidyRules.MaxLines))));
        Assert.Equal(["src/A.cs: 601 lines, and 600 are the most"], TidyRules.LongFiles(File(Lines(601))));

        static string Lines(int count) => string.Concat(Enumerable.Repeat("x\n", count));
    }

    [Fact]
    public void The_last_line_has_an_end()
    {
        Assert.Single(TidyRules.UnfinishedEnds(File("var a = 1;")));
        Assert.Empty(TidyRules.UnfinishedEnds(File("var a = 1;\n")));
        Assert.Empty(TidyRules.UnfinishedEnds(new RepositoryFile("src/packages.lock.json", "{}")));
    }

    [Fact]
    public void A_version_outside_the_central_file_is_found()
    {
        const string reference = "<PackageReference Include=\"CsCheck\" Version=\"5.0.1\" />";

        Assert.Single(TidyRules.StrayVersions(new RepositoryFile("src/A.csproj", reference)));
        Assert.Single(TidyRules.StrayVersions(File("#:package CsCheck@5.0.1")));
        Assert.Empty(
            TidyRules.StrayVersions(new RepositoryFile("src/A.csproj", "<PackageReference Include=\"CsCheck\" />"))
        );
    }

    [Fact]
    public void A_plan_in_the_root_is_found() =>
        Assert.Equal(
            ["PLAN.md: prose in the root; plans live in issues, the rest in docs/"],
            TidyRules.StrayProse(["README.md", "PLAN.md", "docs/bugs.md", "BannedSymbols.txt", "LICENSE"])
        );

    [Fact]
    public void A_path_into_docs_must_exist()
    {
        var file = File(
            "// see docs/adr/0001-errors.md, docs/gone.md. Pages: docs/errors/CODE.md, docs/errors/{code}.md"
        );

        Assert.Equal(
            ["src/A.cs:1: docs/gone.md. does not exist"],
            TidyRules.DeadPaths(file, path => path is "docs/adr/0001-errors.md" or "docs/errors")
        );
    }

    [Fact]
    public void A_symbol_that_is_gone_is_found()
    {
        RepositoryFile page = new(
            "ARCHITECTURE.md",
            "`IStore.PutAsync` and\n`FolderStore`, `XxxCommand.RunAsync`; a `Vault` or `--plan`"
        );

        Assert.Equal(
            ["ARCHITECTURE.md:2: `XxxCommand.RunAsync` is not in the code"],
            TidyRules.DeadSymbols(page, word => word is "IStore" or "PutAsync" or "FolderStore" or "RunAsync")
        );
    }

    [Fact]
    public void A_code_and_its_page_belong_together()
    {
        RepositoryFile[] sources =
        [
            new(
                "src/VaultProblems.cs",
                "private const string Code = \"vault-full\"; new Problem(\n \"vault-gone\", Remedy.Fix, …"
            ),
            File(
                "new(\"usage\", Remedy.Fix, what, hint); Of(\"plan-tab\", what); Remedy.Retry => \"retry\", Remedy.Fix => 1"
            ),
        ];

        Assert.Equal(
            [
                "docs/errors/plan-tab.md is missing",
                "docs/errors/vault-full.md is missing",
                "docs/errors/vault-old.md explains a code that no source has",
            ],
            TidyRules.ErrorPages(sources, ["usage.md", "vault-gone.md", "vault-old.md"])
        );
    }

    private static RepositoryFile File(string text) => new("src/A.cs", text);
}
