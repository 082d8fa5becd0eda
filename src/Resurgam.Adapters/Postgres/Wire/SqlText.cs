namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Quoting for the simple query protocol, which knows no parameters.</summary>
public static class SqlText
{
    /// <summary>A text literal that reads the same whatever <c>standard_conforming_strings</c> says.</summary>
    /// <exception cref="ArgumentException">The text has a zero character, which PostgreSQL cannot hold.</exception>
    public static string Literal(string text)
    {
        RefuseZero(text);
        var quoted = $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        return text.Contains('\\', StringComparison.Ordinal)
            ? "E" + quoted.Replace("\\", "\\\\", StringComparison.Ordinal)
            : quoted;
    }

    /// <summary>A literal of the replication grammar, where a backslash is a backslash.</summary>
    internal static string ReplicationLiteral(string text)
    {
        RefuseZero(text);
        return $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <exception cref="ArgumentException">The name has a zero character, which PostgreSQL cannot hold.</exception>
    public static string Identifier(string name)
    {
        RefuseZero(name);
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static void RefuseZero(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("a zero character cannot be quoted", nameof(text));
    }
}
