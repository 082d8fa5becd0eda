using Resurgam.Adapters.Files;

namespace Resurgam.Adapters.Redis.Restore;

/// <summary>A folder that a data directory is restored to: what it holds, and whether that may be replaced.</summary>
internal sealed class DataFolder(string path)
{
    private static readonly string[] Programs = ["redis-server", "valkey-server"];

    public static bool IsManifest(string file) => file.EndsWith(".manifest", StringComparison.Ordinal);

    /// <summary>Refuses a running server's folder, and one in which the restored data would be passed over.</summary>
    /// <param name="restored">Paths below it that are about to be there.</param>
    public void Check(IReadOnlyCollection<string> restored, bool isDelta)
    {
        if (!Directory.Exists(path))
            return;
        if (FindServer() is { } process)
            throw RestoreProblems.Running(path, process);
        if (isDelta && FindAppendOnly(restored) is { } old)
            throw RestoreProblems.OldAppendOnly(path, old);
    }

    /// <summary>A server works in its data directory; null when none does, as far as we may see.</summary>
    private int? FindServer()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(process), out var id) && IsServerIn(process, path))
                return id;
        return null;
    }

    private static bool IsServerIn(string process, string folder)
    {
        try
        {
            return Programs.Contains(File.ReadAllText(Path.Combine(process, "comm")).Trim())
                && PhysicalPath.AreSame(Path.Combine(process, "cwd"), folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone meanwhile, or another user's: then we may not write into its folder either
        }
    }

    /// <summary>A server with append-only files reads those, and nothing else.</summary>
    private string? FindAppendOnly(IReadOnlyCollection<string> restored) =>
        Directory
            .EnumerateFiles(
                path,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    MaxRecursionDepth = 1,
                    AttributesToSkip = 0,
                }
            )
            .Where(file => IsManifest(file) || file.EndsWith(".aof", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(path, file))
            .FirstOrDefault(file => !restored.Contains(file));
}
