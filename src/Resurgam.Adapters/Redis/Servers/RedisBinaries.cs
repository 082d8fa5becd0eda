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

    private static string? Find(string? configured, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            IReadOnlyList<string> folders = configured is null ? Folders : [configured, .. Folders];
            if (configured is null && ProgramPath.TryFind(name, out var path))
                return path;
            if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } found)
                return found;
        }
        return null;
    }
}
