using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Splits a connection string into keywords and values; knows the syntax and no meaning.</summary>
/// <remarks>Source: the manual, libpq, "Connection Strings". A keyword that comes twice: the last one holds.</remarks>
internal static class Conninfo
{
    private static readonly string[] Schemes = ["postgresql://", "postgres://"];

    public static Dictionary<string, string> Parse(string conninfo)
    {
        var scheme = Schemes.FirstOrDefault(scheme => conninfo.StartsWith(scheme, StringComparison.Ordinal));
        return scheme is null ? Pairs(conninfo) : Uri(conninfo[scheme.Length..]);
    }

    private static Dictionary<string, string> Pairs(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = SkipSpace(text, 0);
        while (at < text.Length)
        {
            var nameEnd = at;
            while (nameEnd < text.Length && text[nameEnd] != '=' && !char.IsWhiteSpace(text[nameEnd]))
                nameEnd++;
            var name = text[at..nameEnd];
            at = SkipSpace(text, nameEnd);
            // The text itself is not shown: it may hold a password.
            if (at >= text.Length || text[at] != '=')
                throw Invalid($"a connection string lacks '=' after its word {values.Count + 1}");
            (values[name], at) = Value(text, SkipSpace(text, at + 1), name);
            at = SkipSpace(text, at);
        }
        return values;
    }

    private static (string Value, int End) Value(string text, int at, string name)
    {
        var value = new StringBuilder();
        var isQuoted = at < text.Length && text[at] == '\'';
        if (isQuoted)
            at++;
        for (; at < text.Length; at++)
        {
            if (isQuoted && text[at] == '\'')
                return (value.ToString(), at + 1);
            if (!isQuoted && char.IsWhiteSpace(text[at]))
                break;
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }
        return isQuoted ? throw Invalid($"the quote around the value of '{name}' has no end") : (value.ToString(), at);
    }

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    private static Dictionary<string, string> Uri(string rest)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var (main, query) = Split(rest, '?');
        // As in libpq the user ends at the first '@' before the first '/'.
        var (authority, database) = Split(main, '/');
        if (authority.IndexOf('@', StringComparison.Ordinal) is >= 0 and var sign)
        {
            var (user, password) = Split(authority[..sign], ':');
            Set(values, "user", user);
            Set(values, "password", password);
            authority = authority[(sign + 1)..];
        }
        SetHost(values, authority);
        Set(values, "dbname", database);
        foreach (var parameter in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(parameter, '=');
            if (value is null)
                throw Invalid("a parameter of the connection URI lacks '='");
            // JDBC's way of saying it, which libpq reads too.
            if (name == "ssl" && value == "true")
                values["sslmode"] = "require";
            else
                values[Decode(name)] = Decode(value);
        }
        return values;
    }

    private static void SetHost(Dictionary<string, string> values, string authority)
    {
        if (authority.StartsWith('['))
        {
            var end = authority.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < authority.Length && authority[end + 1] != ':'))
                throw Invalid("the IPv6 address in the connection URI has no ']'");
            values["host"] = authority[1..end];
            authority = authority[(end + 1)..];
        }
        var (host, port) = Split(authority, ':');
        Set(values, "host", host);
        Set(values, "port", port);
    }

    private static void Set(Dictionary<string, string> values, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            values[name] = Decode(value);
    }

    private static string Decode(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (
                at + 2 >= text.Length
                || !char.IsAsciiHexDigit(text[at + 1])
                || !char.IsAsciiHexDigit(text[at + 2])
                || text.AsSpan(at + 1, 2) is "00"
            )
                throw Invalid("a '%' in the connection URI is not followed by two hexadecimal digits");
        }
        return System.Uri.UnescapeDataString(text);
    }

    private static (string Before, string? After) Split(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at
            ? (text[..at], text[(at + 1)..])
            : (text, null);

    private static Resurgam.Core.Problems.ResurgamException Invalid(string what) =>
        PostgresProblems.ConninfoInvalid(
            what,
            "Write host=HOST user=NAME dbname=NAME, with values that hold spaces in single quotes; in a URI a '%' is %25."
        );
}
