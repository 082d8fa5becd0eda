using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files;

/// <summary>
/// Takes a folder of ours away with all that is in it, whatever was restored there: names of any bytes, paths of any
/// length, folders that their owner may not write. Links are not followed.
/// </summary>
internal static class FolderRemoval
{
    private const uint OwnerMayAll = 0x1C0; // 0700

    /// <summary>Does nothing when it is not there.</summary>
    /// <exception cref="IOException">Something cannot be removed.</exception>
    public static void Remove(string path)
    {
        if (FileStatus.Find(path) is null)
            return;
        using (var root = FolderHandle.Open(path))
            Empty(root);
        Directory.Delete(path);
    }

    private static void Empty(FolderHandle root)
    {
        List<string> folders = [];
        using (FolderCursor cursor = new(root))
            for (Stack<string> open = new([""]); open.TryPop(out var folder); )
                foreach (var below in RemoveFiles(cursor.Get(folder), folder))
                {
                    folders.Add(below);
                    open.Push(below);
                }
        using FolderCursor parents = new(root);
        foreach (var folder in folders.OrderByDescending(folder => folder, StringComparer.Ordinal))
            parents.Get(TreePath.ParentOf(folder)).RemoveFolder(TreePath.NameOf(folder));
    }

    /// <returns>Paths of the folders in it.</returns>
    private static List<string> RemoveFiles(FolderHandle folder, string path)
    {
        List<string> folders = [];
        foreach (var name in folder.ReadNames())
            if (folder.Find(name) is { Type: NodeType.Directory } there)
            {
                if ((there.Mode & OwnerMayAll) != OwnerMayAll)
                    folder.ChangeMode(name, OwnerMayAll);
                folders.Add(TreePath.Join(path, name));
            }
            else
                folder.Remove(name);
        return folders;
    }
}
