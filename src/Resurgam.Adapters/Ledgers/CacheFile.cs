using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Ledgers;

/// <summary>A file of lines that is a cache: one that cannot be read is not there, and one that cannot be written stays as it was.</summary>
internal static class CacheFile
{
    public static IReadOnlyList<string> Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static IReadOnlyList<string> FoldersIn(string folder) => List(folder, Directory.GetDirectories);

    public static IReadOnlyList<string> FilesIn(string folder) => List(folder, Directory.GetFiles);

    /// <summary>An empty file, whose name says it all.</summary>
    public static bool TryTouch(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
            File.WriteAllBytes(path, []);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It does no harm.
        }
    }

    /// <summary>Takes the place of the file, whole.</summary>
    public static void Write(string path, IEnumerable<string> lines, IEntropy entropy)
    {
        Span<byte> unique = stackalloc byte[6];
        entropy.Fill(unique);
        var temporary = $"{path}.{Convert.ToHexStringLower(unique)}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
            File.WriteAllLines(temporary, lines);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost but time.
        }
    }

    private static string[] List(string folder, Func<string, string[]> list)
    {
        try
        {
            return Directory.Exists(folder) ? list(folder) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
