using System.Globalization;
using System.Text;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Postgres;

/// <summary>A connection string as libpq reads it: its keywords, and what may stand behind each.</summary>
/// <remarks>Source: the manual, libpq, "Connection Strings". A keyword that comes twice: the last one holds.</remarks>
public static class Conninfo
{
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "host",
        "hostaddr",
        "user",
        "dbname",
        "passfile",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "application_name",
        "fallback_application_name",
        "options",
    };

    private static readonly Dictionary<string, (int Least, int Most)> Numbers = new(StringComparer.Ordinal)
    {
        ["port"] = (1, 65535),
        ["connect_timeout"] = (0, 86400),
        ["keepalives"] = (0, 1),
        ["keepalives_idle"] = (0, 32767),
        ["keepalives_interval"] = (0, 32767),
        ["keepalives_count"] = (0, 127),
        ["tcp_user_timeout"] = (0, int.MaxValue),
    };

    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["sslmode"] = ["disable", "prefer", "require", "verify-ca", "verify-full"],
        ["channel_binding"] = ["disable", "prefer", "require"],
    };

    /// <summary>The variables that stand in for keywords where libpq has one.</summary>
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal)
    {
        ["host"] = "PGHOST",
        ["hostaddr"] = "PGHOSTADDR",
        ["port"] = "PGPORT",
        ["user"] = "PGUSER",
        ["dbname"] = "PGDATABASE",
        ["passfile"] = "PGPASSFILE",
        ["sslmode"] = "PGSSLMODE",
        ["sslrootcert"] = "PGSSLROOTCERT",
        ["sslcert"] = "PGSSLCERT",
        ["sslkey"] = "PGSSLKEY",
        ["channel_binding"] = "PGCHANNELBINDING",
        ["connect_timeout"] = "PGCONNECT_TIMEOUT",
        ["application_name"] = "PGAPPNAME",
        ["options"] = "PGOPTIONS",
    };

    private static readonly string[] Schemes = ["postgresql://", "postgres://"];

    /// <returns>Each keyword with its value, which may be empty: that stands for the default.</returns>
    /// <exception cref="ResurgamException">A keyword is unknown, a value is wrong, or there is a password in it.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string conninfo)
    {
        var scheme = Schemes.FirstOrDefault(scheme => conninfo.StartsWith(scheme, StringComparison.Ordinal));
        var values = scheme is null ? Pairs(conninfo) : Uri(conninfo[scheme.Length..]);
        if (values.ContainsKey("password") || values.ContainsKey("sslpassword"))
            throw ConninfoProblems.Password();
        foreach (var (name, value) in values)
        {
            if (!Others.Contains(name) && !Numbers.ContainsKey(name) && !Words.ContainsKey(name))
                throw ConninfoProblems.Invalid(
                    $"unknown keyword '{name}' in the connection",
                    $"Known are {string.Join(", ", Others.Concat(Numbers.Keys).Concat(Words.Keys).Order(StringComparer.Ordinal))}."
                );
            if (value.Length > 0)
                Check(name, value);
        }
        // Anybody can get a certificate from a public authority, so the name must match.
        if (
            values.GetValueOrDefault("sslrootcert") == "system"
            && values.GetValueOrDefault("sslmode") is { Length: > 0 } and not "verify-full"
        )
            throw ConninfoProblems.WeakSslMode();
        return values;
    }

    /// <summary>From the string, else from the variable that stands in for the keyword.</summary>
    /// <param name="values">As <see cref="Parse"/> gives them.</param>
    /// <param name="environment">The value of a variable; null: it is not set.</param>
    /// <exception cref="ResurgamException">The variable's value is none that the keyword can have.</exception>
    public static string? Find(
        IReadOnlyDictionary<string, string> values,
        string name,
        Func<string, string?> environment
    )
    {
        // As in libpq an empty value stands for the default, and not for the variable.
        if (values.TryGetValue(name, out var value))
            return value.Length > 0 ? value : null;
        if (!Variables.TryGetValue(name, out var variable) || environment(variable) is not { Length: > 0 } set)
            return null;
        Check(name, set);
        return set;
    }

    /// <summary>Looks at a value, wherever it comes from.</summary>
    /// <exception cref="ResurgamException">It is none that the keyword can have.</exception>
    public static void Check(string name, string value)
    {
        if (Numbers.ContainsKey(name))
            Number(name, value);
        else if (Words.TryGetValue(name, out var words) && !words.Contains(value, StringComparer.Ordinal))
            throw ConninfoProblems.Invalid(
                $"{name} '{value}' is not supported",
                $"Choose one of {string.Join(", ", words)}."
            );
        else if (name is "host" or "hostaddr" && value.Contains(',', StringComparison.Ordinal))
            throw ConninfoProblems.Invalid(
                $"the connection names several hosts: '{value}'",
                "Name one: a backup must know which server it reads."
            );
    }

    /// <exception cref="ResurgamException">It is no number, or none that the keyword can have.</exception>
    public static int Number(string name, string value)
    {
        var (least, most) = Numbers[name];
        return
            int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
            ? number
            : throw ConninfoProblems.Invalid(
                $"{name} '{value}' is not a number from {least} to {most}",
                $"Correct {name}."
            );
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

    private static ResurgamException Invalid(string what) =>
        ConninfoProblems.Invalid(
            what,
            "Write host=HOST user=NAME dbname=NAME, with values that hold spaces in single quotes; in a URI a '%' is %25."
        );
}

public static class ConninfoProblems
{
    public static ResurgamException Invalid(string what, string hint) =>
        new(new Problem("postgres-conninfo-invalid", Remedy.Fix, what, hint));

    public static ResurgamException Password() =>
        new(
            new Problem(
                "postgres-password-in-plan",
                Remedy.Fix,
                "the connection holds a password",
                "Take it out and give it as PGPASSWORD, in ~/.pgpass, or in a file named by passfile=FILE in the connection."
            )
        );

    public static ResurgamException WeakSslMode() =>
        Invalid("sslrootcert=system with a weak sslmode", "Set sslmode=verify-full.");
}
