using System.Text;

namespace Resurgam.Tests;

/// <summary>Separates what C# text says to the compiler from what it says to people.</summary>
/// <remarks>Knows enough of the language for our own formatted code; it is no parser.</remarks>
internal static class CSharpText
{
    /// <summary>
    /// The text with comments and the insides of literals blanked, at the same positions and lines. Quotes stay, and so
    /// does the code in the holes of interpolated strings.
    /// </summary>
    public static string CodeOnly(string text)
    {
        StringBuilder code = new(text);
        var at = 0;
        while (at < text.Length)
            at = Step(text, at, code);
        return code.ToString();
    }

    /// <summary>Blanks one comment or literal, or passes one character of code.</summary>
    /// <returns>Where the next one begins.</returns>
    private static int Step(string text, int at, StringBuilder code)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//"))
            return Blank(code, text, at, End(text, at, "\n"));
        if (rest.StartsWith("/*"))
            return Blank(code, text, at, End(text, at + 2, "*/"));
        if (rest[0] == '\'')
            return Blank(code, text, at + 1, Escaped(text, at + 1, '\'') - 1) + 1;
        var prefix = rest.IndexOfAnyExcept('$', '@');
        if (prefix < 0 || rest[prefix] != '"')
            return at + 1;
        var holes = rest[..prefix].Count('$');
        var quotes = rest[prefix..].IndexOfAnyExcept('"') is var count and >= 0 ? count : rest.Length - prefix;
        var begin = at + prefix;
        if (quotes >= 3)
            return Literal(text, begin + quotes, new string('"', quotes), holes, isVerbatim: true, code);
        var isVerbatim = rest[..prefix].Contains('@');
        return Literal(text, begin + 1, "\"", holes, isVerbatim, code);
    }

    /// <param name="holes">How many braces open a hole; 0 when there are none.</param>
    private static int Literal(string text, int at, string close, int holes, bool isVerbatim, StringBuilder code)
    {
        while (at < text.Length)
        {
            var rest = text.AsSpan(at);
            var isDoubled = close.Length == 1 && isVerbatim && rest.StartsWith("\"\"");
            if (rest.StartsWith(close, StringComparison.Ordinal) && !isDoubled)
                return at + close.Length;
            var braces = holes == 0 ? 0 : Math.Max(0, rest.IndexOfAnyExcept('{'));
            var isEscapedBrace = close.Length == 1 && braces >= 2;
            if (braces >= holes && braces > 0 && !isEscapedBrace)
                at = Hole(text, at + braces, code);
            else
                at = Blank(
                    code,
                    text,
                    at,
                    at + (isDoubled || isEscapedBrace || (!isVerbatim && rest[0] == '\\') ? 2 : 1)
                );
        }
        return at;
    }

    /// <summary>Code inside a string, up to the brace that closes it.</summary>
    private static int Hole(string text, int at, StringBuilder code)
    {
        for (var depth = 1; at < text.Length; )
        {
            depth += text[at] switch
            {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if (depth == 0)
                return at + 1;
            at = Step(text, at, code);
        }
        return at;
    }

    private static int End(string text, int from, string mark) =>
        text.IndexOf(mark, from, StringComparison.Ordinal) is var end and >= 0 ? end + mark.Length : text.Length;

    private static int Escaped(string text, int at, char quote)
    {
        while (at < text.Length && text[at] != quote)
            at += text[at] == '\\' ? 2 : 1;
        return at + 1;
    }

    private static int Blank(StringBuilder code, string text, int from, int to)
    {
        var end = Math.Min(to, text.Length);
        for (var i = from; i < end; i++)
        {
            if (text[i] != '\n')
                code[i] = ' ';
        }
        return end;
    }
}
