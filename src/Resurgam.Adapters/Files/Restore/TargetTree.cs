using Microsoft.Win32.SafeHandles;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>Makes everything of a restore but the contents of regular files.</summary>
internal sealed class TargetTree(FolderHandle root, RestoreFiles files, TargetMetadata metadata, TargetNotes notes)
    : IDisposable
{
    private const uint OwnerOnly = 0x1C0; // 0700: nobody else looks or meddles while we are at it

    /// <summary>One folder on each file system that was written to.</summary>
    private readonly Dictionary<ulong, SafeFileHandle> _fileSystems = [];

    /// <summary>Looks at what is there before anything is touched.</summary>
    /// <exception cref="Core.Problems.ResurgamException">A folder stands where the snapshot has something else.</exception>
    public void Survey()
    {
        List<string> inTheWay = [];
        Each(
            files.Regular.Concat(files.Others).Concat(files.HardLinks.Select(link => link.Link)),
            (folder, name, _) =>
            {
                if (folder?.Find(name)?.Type == NodeType.Directory)
                    inTheWay.Add(folder.PathOf(name));
            }
        );
        if (inTheWay.Count > 0)
            throw RestoreProblems.InTheWay(inTheWay);
        CountExtra();
    }

    /// <summary>Parents first. A link or a file in the place of a folder goes: nothing is written to where a link leads.</summary>
    public void MakeFolders()
    {
        Guard(root.Path, () => AddFileSystem(root.Find(".")?.DeviceId ?? 0, root));
        Each(
            files.Folders,
            (folder, name, entry) =>
            {
                var parent = Require(folder, entry.Path);
                var there = parent.Find(name);
                if (there is { Type: not NodeType.Directory })
                    parent.Remove(name);
                if (there is not { Type: NodeType.Directory })
                    parent.MakeFolder(name, OwnerOnly);
                else if ((there.Mode & OwnerOnly) != OwnerOnly)
                    parent.ChangeMode(name, there.Mode | OwnerOnly);
                if (there is { Type: NodeType.Directory } && !_fileSystems.ContainsKey(there.DeviceId))
                {
                    using var mounted = parent.FindFolder(name);
                    AddFileSystem(there.DeviceId, mounted ?? parent);
                }
            }
        );
    }

    /// <summary>Further names of files, symbolic links, fifos and devices.</summary>
    public void MakeLinksAndNodes()
    {
        using FolderCursor firsts = new(root);
        var firstOf = files.HardLinks.ToDictionary(link => link.Link.Path, link => link.First.Path);
        Each(
            files.HardLinks.Select(link => link.Link),
            (folder, name, entry) =>
            {
                var first = firstOf[entry.Path];
                MakeHardLink(
                    Require(folder, entry.Path),
                    name,
                    firsts.Get(TreePath.ParentOf(first)),
                    TreePath.NameOf(first)
                );
            }
        );
        Each(files.Others, (folder, name, entry) => MakeOther(Require(folder, entry.Path), name, entry.Node));
    }

    /// <summary>Deepest first: whatever is made in a folder changes its times.</summary>
    public void FinishFolders() =>
        Each(
            files.Folders.AsEnumerable().Reverse(),
            (folder, name, entry) => metadata.Apply(Require(folder, entry.Path), name, entry.Node)
        );

    /// <summary>The target itself, when it is a folder of the snapshot.</summary>
    public void FinishRoot()
    {
        if (files.Root is not { } node)
            return;
        Guard(root.Path, () => metadata.Apply(root, ".", node));
    }

    /// <summary>Makes all of it durable.</summary>
    public void Sync()
    {
        foreach (var folder in _fileSystems.Values)
            Guard(root.Path, () => FolderHandle.SyncFileSystem(folder));
    }

    public void Dispose()
    {
        foreach (var folder in _fileSystems.Values)
            folder.Dispose();
    }

    private void AddFileSystem(ulong device, FolderHandle folder) => _fileSystems.Add(device, folder.OpenSelf());

    private void CountExtra()
    {
        var known = files
            .Folders.Concat(files.Regular)
            .Concat(files.Others)
            .Concat(files.HardLinks.Select(link => link.Link))
            .Select(entry => entry.Path)
            .Append(RestoreMarker.FileName)
            .ToHashSet(StringComparer.Ordinal);
        using FolderCursor cursor = new(root);
        foreach (var path in files.Folders.Select(entry => entry.Path).Prepend(""))
            Guard(
                root.PathOf(path),
                () =>
                {
                    foreach (var name in cursor.Find(path)?.ReadNames() ?? [])
                        if (!known.Contains(TreePath.Join(path, name)))
                            notes.Add(
                                "left alone, since the snapshot does not have them",
                                root.PathOf(TreePath.Join(path, name))
                            );
                }
            );
    }

    private static void MakeHardLink(FolderHandle folder, string name, FolderHandle firstFolder, string firstName)
    {
        var first = firstFolder.Find(firstName);
        if (folder.Find(name) is { } there)
        {
            if (there.Inode == first?.Inode && there.DeviceId == first.DeviceId)
                return;
            folder.Remove(name);
        }
        folder.MakeHardLink(name, firstFolder, firstName);
    }

    private void MakeOther(FolderHandle folder, string name, TreeNode node)
    {
        var there = folder.Find(name);
        if (node.Type == NodeType.Socket)
        {
            notes.Add(Withheld.Sockets, folder.PathOf(name));
            return;
        }
        if (there is null || !IsSame(folder, name, there, node))
        {
            if (there is not null)
                folder.Remove(name);
            if (!TryMake(folder, name, node))
                return;
        }
        metadata.Apply(folder, name, node);
    }

    private static bool IsSame(FolderHandle folder, string name, FileStatus there, TreeNode node) =>
        there.Type == node.Type
        && (node.Type != NodeType.SymbolicLink || folder.ReadLink(name) == node.LinkTarget)
        && (node.Type is not (NodeType.Device or NodeType.CharacterDevice) || there.Device == node.Device);

    private bool TryMake(FolderHandle folder, string name, TreeNode node)
    {
        if (node.Type == NodeType.SymbolicLink)
        {
            folder.MakeSymbolicLink(name, node.LinkTarget ?? "");
            return true;
        }
        try
        {
            folder.MakeNode(name, FileStatus.FormatOf(node.Type) | 0x180, node.Device);
            return true;
        }
        catch (IOException e) when (Stores.Errno.IsNotPermitted(e))
        {
            notes.Add(Withheld.Devices, folder.PathOf(name));
            return false;
        }
    }

    private void Each(IEnumerable<FileEntry> entries, Action<FolderHandle?, string, FileEntry> work)
    {
        using FolderCursor cursor = new(root);
        foreach (var entry in entries)
            Guard(
                root.PathOf(entry.Path),
                () => work(cursor.Find(TreePath.ParentOf(entry.Path)), TreePath.NameOf(entry.Path), entry)
            );
    }

    private static FolderHandle Require(FolderHandle? folder, string path) =>
        folder ?? throw new DirectoryNotFoundException($"the folder of {path} is gone");

    private static void Guard(string path, Action work)
    {
        try
        {
            work();
        }
        catch (IOException e)
        {
            throw TargetProblems.From(path, e);
        }
    }
}
