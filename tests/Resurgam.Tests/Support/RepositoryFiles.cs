namespace Resurgam.Tests.Support;

/// <summary>A text file of the repository.</summary>
/// <param name="Path">From the root, with slashes: <c>src/Resurgam/Program.cs</c>.</param>
public sealed record RepositoryFile(string Path, string Text)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The first line is 1.</summary>
    public int LineAt(int index) => Text.AsSpan(0, index).Count('\n') + 1;
}

/// <summary>The files that people write, as they lie in the work tree: built things and tools' own folders are left out.</summary>
public static class RepositoryFiles
{
    private static readonly string[] Ignored =
    [
        ".git",
        ".vs",
        ".idea",
        ".cache",
        "artifacts",
        "bin",
        "obj",
        "node_modules",
    ];

    /// <summary>All whose bytes hold no zero: text. In ordinal order of the paths.</summary>
    public static IReadOnlyList<RepositoryFile> All { get; } =
    [.. Below(Repository.Root).OrderBy(file => file.Path, StringComparer.Ordinal)];

    public static IEnumerable<RepositoryFile> CSharp(params string[] folders) =>
        All.Where(file => file.Name.EndsWith(".cs", StringComparison.Ordinal))
            .Where(file =>
                folders is [] || folders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))
            );

    private static IEnumerable<RepositoryFile> Below(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var text = File.ReadAllText(path);
            if (!text.Contains('\0'))
                yield return new RepositoryFile(Path.GetRelativePath(Repository.Root, path), text);
        }
        foreach (
            var below in Directory.EnumerateDirectories(folder).Where(path => !Ignored.Contains(Path.GetFileName(path)))
        )
        {
            foreach (var file in Below(below))
                yield return file;
        }
    }
}
