using Resurgam.Core.Plans.Rendering;

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
}
