using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Restore;

/// <summary>Where each file of a data directory goes, tablespaces included.</summary>
internal sealed class RestoreLayout(
    PostgresRestoreRequest request,
    PostgresRecord record,
    Func<TreeNode, (uint User, uint Group)?> ownerOf
)
{
    private const string TablespaceLinks = "pg_tblspc/";
    private const string ControlFile = "global/pg_control";
    private const string ControlFileWhileRestoring = ControlFile + ".resurgam";

    private readonly Dictionary<string, string> _tablespaces = record.Tablespaces.ToDictionary(
        tablespace => $"{TablespaceLinks}{tablespace.Oid}",
        tablespace => request.Tablespaces.GetValueOrDefault(tablespace.Oid, tablespace.Location)
    );

    /// <summary>The data directory and the folders of the tablespaces.</summary>
    public IEnumerable<string> Roots => _tablespaces.Values.Prepend(request.Target);

    /// <summary>The absolute path of a path below the data directory.</summary>
    public string PathOf(string path)
    {
        var end = path.StartsWith(TablespaceLinks, StringComparison.Ordinal)
            ? path.IndexOf('/', TablespaceLinks.Length)
            : -1;
        return end > 0 && _tablespaces.TryGetValue(path[..end], out var folder)
            ? Path.Combine(folder, path[(end + 1)..])
            : Path.Combine(request.Target, path);
    }

    /// <summary>As <see cref="PathOf"/>, but the control file under a name that no server starts from.</summary>
    public string WritePathOf(string path) => PathOf(path == ControlFile ? ControlFileWhileRestoring : path);

    /// <summary>Folders and links, parents first. A link of a tablespace leads to its new place.</summary>
    public void MakeFolders(IReadOnlyList<FileEntry> files)
    {
        foreach (var folder in _tablespaces.Values)
            Directory.CreateDirectory(folder);
        foreach (var file in files)
            if (file.Node.Type == NodeType.Directory)
                Directory.CreateDirectory(PathOf(file.Path));
        foreach (var (link, folder) in _tablespaces)
            Link(Path.Combine(request.Target, link), folder);
    }

    /// <summary>Removes what the snapshot does not have, and at once what would let a server start on half a cluster.</summary>
    public void RemoveExtra(IReadOnlyList<FileEntry> files)
    {
        // A restore that died early has not even made the file's folder, and a delete minds that.
        if (File.Exists(Path.Combine(request.Target, ControlFile)))
            File.Delete(Path.Combine(request.Target, ControlFile));
        foreach (var extra in FindExtra(files.Select(file => WritePathOf(file.Path))))
            if (extra is DirectoryInfo folder && extra.LinkTarget is null)
                folder.Delete(recursive: true);
            else
                extra.Delete();
    }

    /// <summary>What <see cref="RemoveExtra"/> would remove, as paths; of a folder that goes whole the folder alone.</summary>
    public IReadOnlyList<string> ListExtra(IReadOnlyList<FileEntry> files) =>
        [.. FindExtra(files.Select(file => PathOf(file.Path))).Select(extra => extra.FullName)];

    private List<FileSystemInfo> FindExtra(IEnumerable<string> paths)
    {
        HashSet<string> wanted = [.. paths];
        wanted.Add(Path.Combine(request.Target, RestoreMarker.FileName));
        wanted.UnionWith(_tablespaces.Keys.Select(link => Path.Combine(request.Target, link)));
        List<FileSystemInfo> extra = [];
        foreach (var root in Roots.Where(Directory.Exists))
            AddExtra(new DirectoryInfo(root), wanted, extra);
        return extra;
    }

    /// <summary>Owners, modes and times of folders: last, since writing into a folder changes them.</summary>
    public void Finish(IReadOnlyList<FileEntry> files)
    {
        foreach (var file in files.Where(file => file.Node.Type == NodeType.Directory).Reverse())
            FileMetadata.Apply(PathOf(file.Path), file.Node, ownerOf(file.Node));
        foreach (var (link, folder) in _tablespaces)
        {
            FileMetadata.Apply(folder, files[0].Node, ownerOf(files[0].Node));
            if (ownerOf(files[0].Node) is { } owner)
                FileMetadata.ChangeOwner(Path.Combine(request.Target, link), owner);
        }
    }

    /// <summary>From here on a server can start.</summary>
    public void PublishControlFile()
    {
        File.Move(
            Path.Combine(request.Target, ControlFileWhileRestoring),
            Path.Combine(request.Target, ControlFile),
            overwrite: true
        );
        DirectorySync.Flush(Path.Combine(request.Target, "global"));
    }

    private static void Link(string link, string folder)
    {
        if (new FileInfo(link) is { LinkTarget: not null } old)
        {
            if (old.LinkTarget == folder)
                return;
            old.Delete();
        }
        else if (Directory.Exists(link))
        {
            Directory.Delete(link, recursive: true);
        }
        Directory.CreateSymbolicLink(link, folder);
    }

    private static void AddExtra(DirectoryInfo folder, HashSet<string> wanted, List<FileSystemInfo> extra)
    {
        foreach (var item in folder.EnumerateFileSystemInfos())
            if (!wanted.Contains(item.FullName))
                extra.Add(item);
            else if (item is DirectoryInfo inner && item.LinkTarget is null)
                AddExtra(inner, wanted, extra);
    }
}
