using System.Text;
using Resurgam.Core.Git;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>
/// The files of one repository in a snapshot: a bare repository that every git reads, whoever restores it. Packs and large
/// files are named by their content, so one that the parent has under the same name is not read again.
/// </summary>
internal sealed class CapturedMirror(
    string name,
    SnapshotWriter snapshot,
    DateTimeOffset takenAt,
    IWorkProgress progress
)
{
    private const uint FolderMode = 0x1ED; // 0755
    private const uint FileMode = 0x1A4; // 0644
    private const uint PackMode = 0x124; // 0444, as git has it

    private readonly string _folder = RepositoryRecord.FolderOf(name);

    /// <summary>Plain bytes of all files.</summary>
    public long Bytes { get; private set; }

    /// <summary>The parent has the repository.</summary>
    public bool IsInParent => snapshot.ParentFiles.TryFind(_folder, out _);

    public async Task StoreAsync(Mirror mirror, IReadOnlyList<string> largeFiles, CancellationToken cancellationToken)
    {
        using var lane = snapshot.OpenLane();
        foreach (var folder in (string[])["objects", "objects/info", "objects/pack", "refs", "refs/heads", "refs/tags"])
            AddFolders($"{_folder}/{folder}");
        foreach (var pack in mirror.Packs)
        foreach (var ending in (string[])[".pack", ".idx"])
            await AddImmutableAsync(mirror, $"objects/pack/{pack}{ending}", lane, cancellationToken);
        foreach (var file in largeFiles)
            await AddImmutableAsync(mirror, file, lane, cancellationToken);
        await AddSmallAsync("HEAD", Encoding.UTF8.GetBytes($"{mirror.Head}\n"), lane, cancellationToken);
        await AddSmallAsync("config", ConfigOf(mirror.ObjectFormat), lane, cancellationToken);
        await AddSmallAsync("packed-refs", mirror.ReadPackedRefs(), lane, cancellationToken);
        if (mirror.IsShallow)
            await AddSmallAsync(
                "shallow",
                await File.ReadAllBytesAsync(mirror.In("shallow"), cancellationToken),
                lane,
                cancellationToken
            );
        lane.Flush();
    }

    /// <summary>The repository as the parent has it.</summary>
    public void TakeOver()
    {
        AddFolders(_folder);
        foreach (var entry in snapshot.ParentFiles.Entries)
            if (entry.Path.StartsWith($"{_folder}/", StringComparison.Ordinal))
                Add(entry);
    }

    /// <summary>As <c>git init --bare</c> writes it: nothing of the remote is in it, so that nobody pushes there by mistake.</summary>
    private static byte[] ConfigOf(string format) =>
        Encoding.UTF8.GetBytes(
            format == "sha1"
                ? "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
                : $"[core]\n\trepositoryformatversion = 1\n\tfilemode = true\n\tbare = true\n[extensions]\n\tobjectformat = {format}\n"
        );

    /// <summary>A file that never changes under its name.</summary>
    private async Task AddImmutableAsync(
        Mirror mirror,
        string file,
        ContentLane lane,
        CancellationToken cancellationToken
    )
    {
        AddFolders($"{_folder}/{Path.GetDirectoryName(file)}");
        var path = $"{_folder}/{file}";
        var length = new FileInfo(mirror.In(file)).Length;
        if (snapshot.ParentFiles.TryFind(path, out var known) && known.Node.SizeBytes == length)
        {
            Add(known);
            return;
        }
        await using var content = File.OpenRead(mirror.In(file));
        var (ids, read) = await lane.StoreStreamAsync(content, cancellationToken);
        Bytes += read;
        progress.Add(read);
        snapshot.Files.Add(path, NodeOf(path, NodeType.File, PackMode) with { SizeBytes = read, Links = 1 }, [.. ids]);
    }

    private async Task AddSmallAsync(string file, byte[] content, ContentLane lane, CancellationToken cancellationToken)
    {
        var path = $"{_folder}/{file}";
        var ids = await lane.StoreBytesAsync(content, cancellationToken);
        if (
            snapshot.ParentFiles.TryFind(path, out var known)
            && snapshot.ParentFiles.Contents.Read(known.Content).AsSpan().SequenceEqual([.. ids])
        )
        {
            Add(known);
            return;
        }
        Bytes += content.Length;
        var node = NodeOf(path, NodeType.File, FileMode) with { SizeBytes = content.Length, Links = 1 };
        snapshot.Files.Add(path, node, [.. ids]);
    }

    private void Add(FileEntry entry)
    {
        Bytes += entry.Node.SizeBytes;
        progress.Add(entry.Node.SizeBytes);
        snapshot.Files.Add(entry);
    }

    private void AddFolders(string path)
    {
        for (var folder = path; folder.Length > 0; folder = folder[..Math.Max(folder.LastIndexOf('/'), 0)])
            if (snapshot.ParentFiles.TryFind(folder, out var known))
                snapshot.Files.Add(known);
            else
                snapshot.Files.Add(folder, NodeOf(folder, NodeType.Directory, FolderMode), []);
    }

    private TreeNode NodeOf(string path, NodeType type, uint mode) =>
        new()
        {
            Name = path[(path.LastIndexOf('/') + 1)..],
            Type = type,
            Mode = mode,
            ModifiedAt = UnixTime.From(takenAt),
            AccessedAt = UnixTime.From(takenAt),
            ChangedAt = UnixTime.From(takenAt),
        };
}
