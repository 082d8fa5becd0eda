using System.Globalization;
using System.Reflection;
using System.Text;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Cli;

public sealed class ExitCodeTests
{
    [Fact]
    public void The_page_is_the_table()
    {
        var text = new StringBuilder(
            """
            # Exit codes

            Every command ends with one of these. A problem's code stands on standard error as `code: ...` and in the JSON
            document; `*` stands for anything, and the first row that fits counts. What is in no list goes by who can act: 30 when a later try may
            succeed, 10 when something outside has to change first, 1 when it is our mistake.

            | exit code | when | what to do | problem codes |
            | --- | --- | --- | --- |

            """
        );
        foreach (var row in ExitCode.Table)
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {row.Number} | {row.When} | {row.ThenWhat} | {string.Join(", ", row.Codes.Select(code => $"`{code}`"))} |\n"
            );
        Golden.MatchInRepository("docs/exit-codes.md", text.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Every_number_has_one_name_and_one_row()
    {
        var named = typeof(ExitCode)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (int)field.GetRawConstantValue()!);
        Assert.Equal(named.Order(), ExitCode.Table.Select(row => row.Number).Order());
    }

    [Theory]
    [InlineData("plan-yaml", Remedy.Fix, 3)]
    [InlineData("plan-file-missing", Remedy.Retry, 3)]
    [InlineData("secret-empty", Remedy.Fix, 4)]
    [InlineData("vault-wrong-secret", Remedy.Fix, 4)]
    [InlineData("vault-damaged", Remedy.Fix, 20)]
    [InlineData("usage", Remedy.Fix, 2)]
    [InlineData("process-timeout", Remedy.Retry, 30)]
    [InlineData("store-full", Remedy.Fix, 10)]
    [InlineData("target-not-empty-refused", Remedy.Fix, 22)]
    [InlineData("store-refused", Remedy.Fix, 10)]
    [InlineData("vault-node-refused", Remedy.Report, 1)]
    [InlineData("bug", Remedy.Report, 1)]
    [InlineData("usages", Remedy.Fix, 10)]
    public void A_problem_has_its_exit_code(string code, Remedy remedy, int exitCode) =>
        Assert.Equal(exitCode, ExitCode.Of(new Problem(code, remedy, "what", "Hint.")));
}
