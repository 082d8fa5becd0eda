namespace Resurgam.RealTests.Support;

/// <summary>Which Redis and Valkey servers are on this machine. One that is absent skips a test at a desk and fails it in CI.</summary>
public static class RedisServers
{
    /// <summary>The distribution's own, whatever its version is.</summary>
    private const string Distribution = "redis";

    private static readonly string[] Names = (
        Environment.GetEnvironmentVariable("RESURGAM_TEST_REDIS") ?? $"{Distribution},redis-8,valkey-8"
    ).Split(',');

    /// <summary>Those that theories run on; RESURGAM_TEST_REDIS=valkey-8 chooses others.</summary>
    public static TheoryData<string> All => [.. Names];

    /// <summary>The one that all other tests run on.</summary>
    public static string Usual => Names[0];

    /// <summary>Folder with the server and its tools.</summary>
    /// <param name="name">As in <see cref="All"/>.</param>
    public static string FolderOf(string name) =>
        name != Distribution ? Path.Combine(Servers.Cache, name)
        : File.Exists("/usr/bin/redis-server") ? "/usr/bin"
        : Path.Combine(Servers.Cache, name);

    /// <returns>Path of the server.</returns>
    public static string Require(string name)
    {
        var path = Path.Combine(FolderOf(name), $"{name.Split('-')[0]}-server");
        if (File.Exists(path))
            return path;
        return Servers.Absent($"{path} is not here; run 'scripts/install tests'");
    }
}
