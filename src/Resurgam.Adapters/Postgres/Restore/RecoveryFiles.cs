using System.Text;
using Resurgam.Adapters.Files;

namespace Resurgam.Adapters.Postgres.Restore;

/// <summary>Tells a restored cluster how to recover: <c>recovery.signal</c> and lines in <c>postgresql.auto.conf</c>.</summary>
internal static class RecoveryFiles
{
    private const string Begin = "# Recovery settings by resurgam restore: begin";
    private const string End = "# Recovery settings by resurgam restore: end";

    public static void Write(
        string dataDirectory,
        IReadOnlyList<(string Name, string Value)> settings,
        (uint User, uint Group)? owner
    )
    {
        var signal = Path.Combine(dataDirectory, "recovery.signal");
        File.Delete(Path.Combine(dataDirectory, "standby.signal"));
        if (settings.Count == 0)
        {
            File.Delete(signal);
            return;
        }
        var configuration = Path.Combine(dataDirectory, "postgresql.auto.conf");
        List<string> lines = File.Exists(configuration) ? WithoutOurs(File.ReadLines(configuration)) : [];
        lines.Add(Begin);
        foreach (var (name, value) in settings)
            lines.Add($"{name} = '{value.Replace("'", "''", StringComparison.Ordinal)}'");
        lines.Add(End);
        Write(configuration, string.Join('\n', lines) + "\n", owner);
        Write(signal, "", owner);
    }

    private static List<string> WithoutOurs(IEnumerable<string> lines)
    {
        List<string> kept = [];
        var isOurs = false;
        foreach (var line in lines)
        {
            isOurs |= line == Begin;
            if (!isOurs)
                kept.Add(line);
            isOurs &= line != End;
        }
        return kept;
    }

    private static void Write(string path, string content, (uint User, uint Group)? owner)
    {
        File.WriteAllText(path, content, new UTF8Encoding(false));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (owner is { } to)
            FileMetadata.ChangeOwner(path, to);
    }
}
