namespace Resurgam.Adapters.Files;

/// <summary>Paths of a snapshot: names with slashes between them, none in front.</summary>
internal static class TreePath
{
    public static string ParentOf(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";
}
