using System.Text;
using Resurgam.Adapters.Runs;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Runs;

public sealed class TofuChangesTests
{
    [Theory]
    [InlineData("create", "", "1 to add, 0 to change, 0 to delete or replace")]
    [InlineData("update", "", "0 to add, 1 to change, 0 to delete or replace")]
    [InlineData("no-op", "", "0 to add, 0 to change, 0 to delete or replace")]
    [InlineData("delete\",\"create", "aws_instance", "1 to add, 0 to change, 1 to delete or replace")]
    [InlineData("delete", "aws_instance", "0 to add, 0 to change, 1 to delete or replace")]
    public void What_is_allowed_is_counted(string verbs, string mayDelete, string counted)
    {
        var changes = Read(verbs);
        changes.Check("f", [mayDelete]);
        Assert.Equal(counted, changes.ToString());
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("create\",\"delete")]
    [InlineData("forget")]
    [InlineData("of-tomorrow")]
    public void What_may_take_data_away_is_refused(string verbs)
    {
        var e = Assert.Throws<ResurgamException>(() => Read(verbs).Check("f", ["aws_db"]));
        Assert.Equal("action-tofu", e.Problem.Code);
        Assert.Contains("aws_instance.web", e.Problem.What, StringComparison.Ordinal);
    }

    private static TofuChanges Read(string verbs) =>
        TofuChanges.Read(
            Encoding.UTF8.GetBytes(
                $$$"""{"format_version":"1.2","resource_changes":[{"address":"aws_instance.web","type":"aws_instance","change":{"actions":["{{{verbs}}}"]}}]}"""
            ),
            "digest"
        );
}
