using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class PlanDiffTests
{
    private const string Old = """
        resurgam: 1
        name: x
        vault: { store: file:///v, secret: { env: S } }
        assets: { a: { kind: files, path: /a, rpo: 1h }, b: { kind: files, path: /b } }
        """;

    [Fact]
    public void Comments_and_order_are_no_change() =>
        Assert.Empty(
            PlanDiff.Of(
                PlanReaderTests.ReadGood(Old),
                PlanReaderTests.ReadGood(
                    """
                    name: x   # the name
                    resurgam: 1
                    assets:
                      b: { path: /b, kind: files }
                      a: { kind: files, path: /a/, rpo: 60m, exclude: [] }
                    vault: { store: file:///v, secret: { env: S } }
                    """
                )
            )
        );

    [Fact]
    public void What_came_went_and_changed_is_told_by_its_path() =>
        Assert.Equal(
            [
                new PlanChange("assets.a.rpo", "3600", "7200"),
                new PlanChange("assets.b", """{"kind":"files","path":"/b","exclude":[]}""", null),
                new PlanChange("objectives", null, """{"rto":14400}"""),
            ],
            PlanDiff.Of(
                PlanReaderTests.ReadGood(Old),
                PlanReaderTests.ReadGood(
                    Old.Replace(", b: { kind: files, path: /b }", "", StringComparison.Ordinal)
                        .Replace("rpo: 1h", "rpo: 2h", StringComparison.Ordinal) + "\nobjectives: { rto: 4h }"
                )
            )
        );
}
