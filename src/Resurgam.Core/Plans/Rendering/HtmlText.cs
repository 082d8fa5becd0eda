using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>Blocks as one HTML file: no script, no other file, headings in order, tables with captions and scopes.</summary>
internal static class HtmlText
{
    private const string Style = """
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; }
        h1, h2, h3 { line-height: 1.2; break-after: avoid; }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
        caption { text-align: left; font-weight: 600; padding: .3rem 0; }
        th, td { border: 1px solid #767676; padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
        thead th { background: #eee; }
        tr { break-inside: avoid; }
        pre { white-space: pre-wrap; border: 1px solid #767676; padding: .5rem; }
        @media print { body { margin: 0; max-width: none; font-size: 10pt; } h2 { break-before: page; } }
        """;

    public static string Of(string title, IEnumerable<Block> blocks)
    {
        var text = new StringBuilder();
        text.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        text.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        text.Append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"<title>{Escaped(title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<main>\n"
        );
        foreach (var block in blocks)
            Append(text, block);
        return text.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder text, Block block)
    {
        switch (block)
        {
            case Block.Heading(var level, var title):
                text.Append(CultureInfo.InvariantCulture, $"<h{level}>{Escaped(title)}</h{level}>\n");
                break;
            case Block.Paragraph(var words):
                text.Append(CultureInfo.InvariantCulture, $"<p>{Escaped(words)}</p>\n");
                break;
            case Block.Items(var items):
                text.Append("<ul>\n");
                foreach (var item in items)
                    text.Append(CultureInfo.InvariantCulture, $"<li>{Escaped(item)}</li>\n");
                text.Append("</ul>\n");
                break;
            case Block.Table table:
                AppendTable(text, table);
                break;
            case Block.Verbatim(var lines):
                text.Append(CultureInfo.InvariantCulture, $"<pre>{Escaped(lines)}</pre>\n");
                break;
            default:
                throw new UnreachableException($"no HTML is written for {block}");
        }
    }

    private static void AppendTable(StringBuilder text, Block.Table table)
    {
        text.Append(CultureInfo.InvariantCulture, $"<table>\n<caption>{Escaped(table.Caption)}</caption>\n<thead><tr>");
        foreach (var head in table.Head)
            text.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Escaped(head)}</th>");
        text.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Escaped(row[0])}</th>");
            foreach (var cell in row.Skip(1))
                text.Append(CultureInfo.InvariantCulture, $"<td>{Escaped(cell)}</td>");
            text.Append("</tr>\n");
        }
        text.Append("</tbody>\n</table>\n");
    }

    internal static string Escaped(string words) =>
        words
            .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal);
}
