using System.Diagnostics;
using System.Text;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>Blocks as Markdown (CommonMark with tables).</summary>
internal static class MarkdownText
{
    private const string Special = @"\`*_[]<>#|~&";

    public static string Of(IEnumerable<Block> blocks)
    {
        var text = new StringBuilder();
        foreach (var block in blocks)
        {
            if (text.Length > 0)
                text.Append('\n');
            Append(text, block);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, Block block)
    {
        switch (block)
        {
            case Block.Heading(var level, var title):
                text.Append('#', level).Append(' ').Append(Escaped(title)).Append('\n');
                break;
            case Block.Paragraph(var words):
                text.Append(Escaped(words)).Append('\n');
                break;
            case Block.Items(var items):
                foreach (var item in items)
                    text.Append("- ").Append(Escaped(item)).Append('\n');
                break;
            case Block.Table table:
                AppendRow(text, table.Head);
                AppendRow(text, table.Head.Select(_ => "---"), isRaw: true);
                foreach (var row in table.Rows)
                    AppendRow(text, row);
                break;
            case Block.Verbatim(var lines):
                var fence = new string('`', Math.Max(3, LongestRun(lines) + 1));
                text.Append(fence).Append("text\n").Append(lines).Append('\n').Append(fence).Append('\n');
                break;
            default:
                throw new UnreachableException($"no Markdown is written for {block}");
        }
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells, bool isRaw = false)
    {
        text.Append('|');
        foreach (var cell in cells)
            text.Append(' ').Append(isRaw ? cell : Escaped(cell)).Append(" |");
        text.Append('\n');
    }

    /// <summary>One line on which nothing but the words themselves shows.</summary>
    private static string Escaped(string words)
    {
        var text = new StringBuilder(words.Length);
        foreach (var c in words.ReplaceLineEndings(" "))
        {
            if (Special.Contains(c, StringComparison.Ordinal))
                text.Append('\\');
            text.Append(c);
        }
        return text.ToString();
    }

    private static int LongestRun(string lines)
    {
        var (longest, run) = (0, 0);
        foreach (var c in lines)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
