namespace Resurgam.Adapters.Files;

/// <summary>Where a path really leads, however many links, slashes and dots it is written with: by numbers of folders.</summary>
public static class PhysicalPath
{
    /// <summary>Both lead to the same folder, which is there.</summary>
    public static bool AreSame(string one, string other) => Find(one) is { } id && Find(other) == id;

    /// <returns>False also when the outer folder is not there; an inner one that is not there yet counts by its parents.</returns>
    public static bool IsAtOrBelow(string inner, string outer) =>
        Find(outer) is { } id && SelfAndParents(inner).Contains(id);

    private static IEnumerable<(ulong Device, ulong Inode)> SelfAndParents(string path)
    {
        var at = Path.GetFullPath(path);
        while (Find(at) is null && Path.GetDirectoryName(at) is { } parent)
            at = parent;
        (ulong, ulong)? last = null;
        for (at += "/."; Find(at) is { } id && id != last; at += "/..")
        {
            yield return id;
            last = id;
        }
    }

    /// <summary>Links are followed.</summary>
    private static (ulong Device, ulong Inode)? Find(string path) =>
        FileStatus.Find($"{path}/.") is { } status ? (status.DeviceId, status.Inode) : null;
}
