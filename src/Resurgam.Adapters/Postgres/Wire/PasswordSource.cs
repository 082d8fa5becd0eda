using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Where a password comes from. It is looked for when a server asks, so a changed file counts at once.</summary>
public sealed class PasswordSource
{
    /// <summary>What a line of a password file calls the database of a replication connection.</summary>
    private const string ReplicationDatabase = "replication";

    private readonly string? _password;
    private readonly string? _path;

    private PasswordSource(string? password, string? path) => (_password, _path) = (password, path);

    public static PasswordSource None { get; } = new(null, null);

    public static PasswordSource Of(string password) => new(password, null);

    /// <summary>A file of lines <c>host:port:database:user:password</c>, as ~/.pgpass. It may be absent.</summary>
    public static PasswordSource File(string path) => new(null, path);

    /// <summary>The file, for programs that look into it themselves; null when there is none.</summary>
    internal string? FilePath => _path;

    /// <summary>For the environment of such a program; null: it looks into the file.</summary>
    internal string? Given => _password;

    /// <returns>Null when there is none for this server and user.</returns>
    /// <exception cref="Resurgam.Core.Problems.ResurgamException">The file is open to others, or unreadable.</exception>
    internal string? Find(ConnectionSettings settings, SessionKind kind)
    {
        if (_password is not null || _path is null || !System.IO.File.Exists(_path))
            return _password;
        const UnixFileMode others =
            UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (System.IO.File.GetUnixFileMode(_path) & others) != 0)
            throw PostgresProblems.PasswordFile(_path, "can be read or written by others");
        return ReadLines(_path).Select(line => Match(line, settings, kind)).FirstOrDefault(found => found is not null);
    }

    public override string ToString() => _path ?? (_password is null ? "none" : "given");

    private static string[] ReadLines(string path)
    {
        try
        {
            return System.IO.File.ReadAllLines(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw PostgresProblems.PasswordFile(path, $"cannot be read: {cause.Message}", cause);
        }
    }

    /// <summary>The password of a line that is for us, or null.</summary>
    private static string? Match(string line, ConnectionSettings settings, SessionKind kind)
    {
        if (line.StartsWith('#') || Fields(line) is not [var host, var port, var database, var user, var password])
            return null;
        var isDatabase =
            IsMatch(database, settings.Database)
            || (kind == SessionKind.PhysicalReplication && IsMatch(database, ReplicationDatabase));
        // A socket in the usual folder goes by the name localhost.
        var isHost =
            IsMatch(host, settings.Host)
            || (settings.Host is "/var/run/postgresql" or "/tmp" && IsMatch(host, "localhost"))
            || (settings.HostAddress is { } address && IsMatch(host, address));
        return isHost && isDatabase && IsMatch(port, $"{settings.Port}") && IsMatch(user, settings.User)
            ? password.Text
            : null;
    }

    private static bool IsMatch((string Text, bool IsAny) field, string value) => field.IsAny || field.Text == value;

    /// <summary>Fields end at a colon; a backslash takes the next character as it is. The last field takes the rest.</summary>
    private static List<(string Text, bool IsAny)> Fields(string line)
    {
        var fields = new List<(string, bool)>();
        var (text, start) = (new StringBuilder(), 0);
        for (var at = 0; at <= line.Length; at++)
        {
            if (at == line.Length || (line[at] == ':' && fields.Count < 4))
            {
                fields.Add((text.ToString(), line.AsSpan(start, at - start) is "*"));
                text.Clear();
                start = at + 1;
                continue;
            }
            if (line[at] == '\\' && at + 1 < line.Length)
                at++;
            text.Append(line[at]);
        }
        return fields;
    }
}
