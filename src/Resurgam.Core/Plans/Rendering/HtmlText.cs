using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>Blocks as one HTML file: no script, no other file, headings in order, tables with captions and scopes.</summary>
internal static class HtmlText
{
    private const string Style = """
        :root { color-scheme: light; --ink: #111; --paper: #fff; --line: #767676; --head: #eee; }
        @media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: #e4e8ee; --paper: #14181d; --line: #7c8794; --head: #252c35; } }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper); }
        h1, h2, h3 { line-height: 1.2; break-after: avoid; }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
        caption { text-align: left; font-weight: 600; padding: .3rem 0; }
        th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
        thead th { background: var(--head); }
        tr { break-inside: avoid; }
        pre { white-space: pre-wrap; border: 1px solid var(--line); padding: .5rem; }
        code { font: .92em ui-monospace, monospace; }
        @media print { body { margin: 0; max-width: none; font-size: 10pt; } th, td { padding: .15rem .3rem; } h2 { break-before: page; } }
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
                text.Append(CultureInfo.InvariantCulture, $"<h{level}>{Marked(title)}</h{level}>\n");
                break;
            case Block.Paragraph(var words):
                text.Append(CultureInfo.InvariantCulture, $"<p>{Marked(words)}</p>\n");
                break;
            case Block.Items(var items):
                text.Append("<ul>\n");
                foreach (var item in items)
                    text.Append(CultureInfo.InvariantCulture, $"<li>{Marked(item)}</li>\n");
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
            text.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Marked(row[0])}</th>");
            foreach (var cell in row.Skip(1))
                text.Append(CultureInfo.InvariantCulture, $"<td>{Marked(cell)}</td>");
            text.Append("</tr>\n");
        }
        text.Append("</tbody>\n</table>\n");
    }

    /// <summary>What stands between two backticks is code, as in the plan's Markdown.</summary>
    private static string Marked(string words)
    {
        var parts = Escaped(words).Split('`');
        if (parts.Length % 2 == 0)
            return string.Join('`', parts); // one is left over: then none is a mark
        return string.Concat(parts.Select((part, at) => at % 2 == 0 ? part : $"<code>{part}</code>"));
    }

    internal static string Escaped(string words) =>
        words
            .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal);
}
