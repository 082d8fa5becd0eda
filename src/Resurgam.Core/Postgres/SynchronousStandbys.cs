using System.Text;

namespace Resurgam.Core.Postgres;

/// <summary>The value of <c>synchronous_standby_names</c>: <c>FIRST 2 (a, b, c)</c>, <c>ANY 1 (a, "B b")</c>, <c>a, b</c> or <c>*</c>.</summary>
/// <remarks>Source: the manual, "synchronous_standby_names", and <c>src/backend/replication/syncrep_gram.y</c>.</remarks>
/// <param name="Method">FIRST or ANY; null for the old form, which means FIRST 1.</param>
/// <param name="Count">How many must acknowledge.</param>
/// <param name="Names">Unquoted, in order; <c>*</c> stands for every name.</param>
public sealed record SynchronousStandbys(string? Method, int Count, IReadOnlyList<string> Names)
{
    /// <summary>Reads what a server shows, which is therefore correct; empty when nobody is waited for.</summary>
    public static SynchronousStandbys Parse(string text)
    {
        var tokens = Tokens(text);
        var method = (string?)null;
        var at = 0;
        if (tokens.Count > 1 && tokens[0].IsWord("FIRST", "ANY") && tokens[1].IsNumber)
            method = tokens[at++].Text.ToUpperInvariant();
        else if (tokens.Count > 1 && tokens[0].IsNumber && tokens[1].Text == "(")
            method = "FIRST";
        var count = method is null
            ? 1
            : int.Parse(tokens[at++].Text, System.Globalization.CultureInfo.InvariantCulture);
        List<string> names = [];
        foreach (var token in tokens.Skip(at))
            if (token.IsQuoted || token.Text is not ("(" or ")" or ","))
                names.Add(token.Text);
        return new SynchronousStandbys(method, count, names);
    }

    /// <summary>Whether a standby of that name counts. Names are compared as the server does, without regard to case.</summary>
    public bool Contains(string name) =>
        Names.Any(n => n == "*" || string.Equals(n, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The set without one standby; a <c>*</c> becomes the names of the others that are connected.</summary>
    public SynchronousStandbys Without(string name, IEnumerable<string> connected)
    {
        var others = connected.Where(c => !string.Equals(c, name, StringComparison.OrdinalIgnoreCase)).ToList();
        List<string> names = [];
        foreach (var each in Names)
            if (each == "*")
                names.AddRange(others);
            else if (!string.Equals(each, name, StringComparison.OrdinalIgnoreCase))
                names.Add(each);
        return new SynchronousStandbys(Method, Math.Min(Count, names.Count), names);
    }

    /// <summary>As it is written in a configuration file; empty without names.</summary>
    public override string ToString()
    {
        if (Names.Count == 0)
            return "";
        var list = string.Join(", ", Names.Select(Quote));
        return Method is null ? list : $"{Method} {Count} ({list})";
    }

    private static string Quote(string name) =>
        name == "*" ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<Token> Tokens(string text)
    {
        List<Token> tokens = [];
        for (var at = 0; at < text.Length; )
        {
            var c = text[at];
            if (char.IsWhiteSpace(c))
                at++;
            else if (c is '(' or ')' or ',' or '*')
                tokens.Add(new Token(text[at++].ToString(), IsQuoted: false));
            else if (c == '"')
                tokens.Add(Quoted(text, ref at));
            else
            {
                var begin = at;
                while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('(' or ')' or ',' or '"'))
                    at++;
                tokens.Add(new Token(text[begin..at], IsQuoted: false));
            }
        }
        return tokens;
    }

    private static Token Quoted(string text, ref int at)
    {
        var name = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"' && (at + 1 == text.Length || text[at + 1] != '"'))
                break;
            if (text[at] == '"')
                at++;
            name.Append(text[at]);
        }
        at++;
        return new Token(name.ToString(), IsQuoted: true);
    }

    private readonly record struct Token(string Text, bool IsQuoted)
    {
        public bool IsNumber => !IsQuoted && Text.All(char.IsAsciiDigit);

        public bool IsWord(params string[] words) =>
            !IsQuoted && words.Contains(Text, StringComparer.OrdinalIgnoreCase);
    }
}
