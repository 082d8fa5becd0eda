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

    /// <summary>Adds a line at the end.</summary>
    public static void Append(string path, string line)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
            File.AppendAllText(path, line + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As below.
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
}
