using Resurgam.Adapters.Processes;

namespace Resurgam.Adapters.Redis.Servers;

/// <summary>Where Redis' or Valkey's programs are.</summary>
/// <param name="Server">Path of the server.</param>
public sealed record RedisBinaries(string Server)
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin", "/opt/redis/bin", "/opt/valkey/bin"];

    /// <param name="program"><c>redis</c> or <c>valkey</c>: tried first; either reads the other's files of the same form.</param>
    /// <param name="configured">Folder from the plan.</param>
    /// <exception cref="Core.Problems.ResurgamException">It is not installed.</exception>
    public static RedisBinaries Get(string program, string? configured) =>
        Find(configured, [$"{program}-server", "redis-server", "valkey-server"]) is { } server
            ? new RedisBinaries(server)
            : throw ServerProblems.NoBinaries(program, configured);

    /// <returns>Null when it is not installed.</returns>
    public static string? FindTool(string name, string? configured) => Find(configured, [name]);

    /// <param name="program"><c>redis</c> or <c>valkey</c>: tried first.</param>
    /// <param name="tool"><c>check-rdb</c> for <c>redis-check-rdb</c> or <c>valkey-check-rdb</c>.</param>
    /// <param name="configured">Folder from the plan.</param>
    /// <returns>Null when it is not installed.</returns>
    public static string? FindTool(string program, string tool, string? configured) =>
        Find(configured, [$"{program}-{tool}", $"redis-{tool}", $"valkey-{tool}"]);

    /// <summary>Whatever lies in the folder that the plan names wins: programs of another version may not know the files of this one.</summary>
    private static string? Find(string? configured, IReadOnlyList<string> names)
    {
        if (
            configured is not null
            && names.Select(name => Path.Combine(configured, name)).FirstOrDefault(File.Exists) is { } own
        )
            return own;
        foreach (var name in names)
        {
            if (ProgramPath.TryFind(name, out var path))
                return path;
            if (Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } found)
                return found;
        }
        return null;
    }
}
