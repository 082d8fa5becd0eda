using Resurgam.Core.Plans.Rendering;
using Resurgam.Tests.Drills;

namespace Resurgam.Tests.Plans;

public sealed class PlanDocumentRenderingTests
{
    private const string Hostile = """
        resurgam: 1
        name: x
        vault: { store: file:///v, secret: { env: S } }
        document: { title: "<script>alert(1)</script> & *bold* | pipe" }
        services: { a: { about: "</td><b>x</b>\n# no heading" } }
        templates: { t: { subject: "```", body: "<b>{{ x }}</b>" } }
        """;

    [Fact]
    public void Text_of_the_plan_is_no_html()
    {
        var html = PlanDocument.Render(PlanReaderTests.ReadGood(Hostile), DocumentFormat.Html);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.Contains(
            "<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; *bold* | pipe</title>",
            html,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Text_of_the_plan_is_no_markdown()
    {
        var markdown = PlanDocument.Render(PlanReaderTests.ReadGood(Hostile), DocumentFormat.Markdown);
        Assert.StartsWith(
            "# \\<script\\>alert(1)\\</script\\> \\& \\*bold\\* \\| pipe\n",
            markdown,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("\n# no heading", markdown, StringComparison.Ordinal);
        Assert.Contains("````text\nSubject: ```", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drill_tells_what_is_broken_and_what_must_hold()
    {
        var text = PlanDocument.Render(
            PlanReaderTests.ReadGood(
                DrillExamples.Text.Replace(
                    "statement: x }, needs: [restore]",
                    "statement: x }, critical: false, postcondition: { sql: { target: db, query: q, expect: t } }, needs: [restore]",
                    StringComparison.Ordinal
                )
            ),
            DocumentFormat.Markdown
        );

        Assert.Contains(
            "| prove: prove | SQL on db: x; when it fails, the rest goes on | restore | db answers 't' to: q |",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("All is well when db answers 't' to: calm.", text, StringComparison.Ordinal);
        Assert.Contains(
            """
            ### 4.1 The database is lost

            - Broken, and the clock begins: kill the server db; delete what is in /srv/drill/data.
            - Recovered by: Bring it back, without tell (it reaches people or systems outside).
            - Must hold within 2m, and for 20s: db answers 't' to: there.
            - The loss is measured by the newest data that db has: select max(at) from t.
            - At the end all of it is undone.
            - All of this is done in places of its own, beside the platform: nobody's work is touched, and no maintenance window has to be agreed.
            """,
            text,
            StringComparison.Ordinal
        );
    }
}
