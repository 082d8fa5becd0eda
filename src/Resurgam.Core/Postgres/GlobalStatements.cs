using System.Text;
using System.Text.RegularExpressions;

namespace Resurgam.Core.Postgres;

/// <summary>Takes what makes some roles out of what <c>pg_dumpall --globals-only</c> wrote: roles that are there are never changed.</summary>
public static partial class GlobalStatements
{
    private const string Name = "(\"(?:[^\"]|\"\")+\"|[^\\s;\"]+)";

    [GeneratedRegex($"^(?:CREATE|ALTER|COMMENT ON) ROLE {Name}", RegexOptions.CultureInvariant)]
    private static partial Regex OfRole { get; }

    [GeneratedRegex($"^GRANT {Name} TO {Name}", RegexOptions.CultureInvariant)]
    private static partial Regex Membership { get; }

    /// <summary>What a new role is anyway, and what only a superuser may say.</summary>
    [GeneratedRegex(" (NOSUPERUSER|NOREPLICATION|NOBYPASSRLS)\\b", RegexOptions.CultureInvariant)]
    private static partial Regex Usual { get; }

    [GeneratedRegex($" GRANTED BY {Name}", RegexOptions.CultureInvariant)]
    private static partial Regex Grantor { get; }

    /// <returns>Statements in their order, without a semicolon at their end.</returns>
    public static IEnumerable<string> For(string globals, IReadOnlySet<string> roles)
    {
        foreach (var statement in Split(globals))
            if (OfRole.Match(statement) is { Success: true } role)
            {
                if (roles.Contains(Unquote(role.Groups[1].Value)))
                    yield return statement.StartsWith("ALTER", StringComparison.Ordinal)
                        ? WithoutUsual(statement)
                        : statement;
            }
            else if (
                Membership.Match(statement) is { Success: true } grant
                && (roles.Contains(Unquote(grant.Groups[1].Value)) || roles.Contains(Unquote(grant.Groups[2].Value)))
            )
            {
                yield return Grantor.Replace(statement, "");
            }
    }

    /// <summary>Not in a password or a setting: those stand in quotes, at the end.</summary>
    private static string WithoutUsual(string statement)
    {
        var quote = statement.IndexOf('\'', StringComparison.Ordinal);
        return quote < 0 ? Usual.Replace(statement, "") : Usual.Replace(statement[..quote], "") + statement[quote..];
    }

    private static string Unquote(string name) =>
        name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private static IEnumerable<string> Split(string sql)
    {
        StringBuilder statement = new();
        var quote = '\0';
        for (var at = 0; at < sql.Length; at++)
        {
            var character = sql[at];
            if (quote == '\0' && sql.AsSpan(at).StartsWith("--"))
            {
                while (at < sql.Length && sql[at] != '\n')
                    at++;
                continue;
            }
            if (quote != '\0')
                quote = character == quote ? '\0' : quote;
            else if (character is '\'' or '"')
                quote = character;
            else if (character == ';')
            {
                yield return statement.ToString().Trim();
                statement.Clear();
                continue;
            }
            // psql's own commands, which newer minor versions put around their output
            if (quote == '\0' && character == '\\' && statement.ToString().Trim().Length == 0)
            {
                while (at < sql.Length && sql[at] != '\n')
                    at++;
                continue;
            }
            statement.Append(character);
        }
    }
}
