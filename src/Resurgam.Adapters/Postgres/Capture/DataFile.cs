using Resurgam.Adapters.Files;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Postgres.Capture;

/// <param name="Path">Below the data directory; tablespaces as <c>pg_tblspc/OID/…</c>.</param>
/// <param name="Source">Where it is read from.</param>
internal sealed record DataFile(string Path, string Source, FileStatus Status)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Made of pages: cut at page borders, and checked.</summary>
    public bool IsRelation => BackupRules.IsRelation(Path);
}

/// <summary>Lists what a base backup of a data directory holds. Files that vanish meanwhile are left out.</summary>
internal sealed class DataDirectoryScan(string dataDirectory)
{
    private readonly List<DataFile> _files = [];
    private readonly List<DataFile> _links = [];

    /// <summary>Folders, symbolic links of tablespaces, and regular files.</summary>
    public List<DataFile> Files => _files;

    /// <summary>Other symbolic links, which are no part of a base backup.</summary>
    public IReadOnlyList<DataFile> Links => _links;

    public static DataDirectoryScan Read(string dataDirectory)
    {
        DataDirectoryScan scan = new(dataDirectory);
        scan.Folder("", dataDirectory);
        return scan;
    }

    private void Folder(string path, string source)
    {
        string[] entries;
        try
        {
            entries = Directory.GetFileSystemEntries(source);
        }
        catch (DirectoryNotFoundException) when (path.Length > 0)
        {
            return; // a database that was dropped
        }
        var unlogged = UnloggedRelations(path, entries);
        foreach (var entry in entries)
        {
            var name = Path.GetFileName(entry);
            var entryPath = path.Length == 0 ? name : $"{path}/{name}";
            if (BackupRules.IsLeftOut(entryPath, name) || IsReset(name, unlogged))
                continue;
            if (FileStatus.Find(entry) is { } status)
                Entry(new DataFile(entryPath, entry, status));
        }
    }

    private void Entry(DataFile file)
    {
        var isTablespace =
            file.Path.StartsWith("pg_tblspc/", StringComparison.Ordinal) && file.Path.Count(c => c == '/') == 1;
        switch (file.Status.Type)
        {
            case NodeType.File:
                _files.Add(file);
                break;
            case NodeType.Directory:
                _files.Add(file);
                if (!BackupRules.IsKeptEmpty(file.Path))
                    Folder(file.Path, file.Source);
                break;
            case NodeType.SymbolicLink when isTablespace:
                _files.Add(file);
                Folder(file.Path, file.Source);
                break;
            case NodeType.SymbolicLink when BackupRules.IsKeptEmpty(file.Path): // pg_wal on a disk of its own
                if (FileStatus.Find(dataDirectory) is { } folder)
                    _files.Add(file with { Status = folder });
                break;
            case NodeType.SymbolicLink:
                _links.Add(file);
                break;
            case NodeType.Device or NodeType.CharacterDevice or NodeType.Fifo or NodeType.Socket:
                break; // no part of a cluster: PostgreSQL's own base backup passes them over too
        }
    }

    /// <summary>Numbers of the relations with an init fork: only that fork outlives a crash.</summary>
    private static HashSet<uint> UnloggedRelations(string path, string[] entries)
    {
        HashSet<uint> numbers = [];
        if (BackupRules.IsRelationFolder(path))
            foreach (var entry in entries)
                if (BackupRules.TryParseRelation(Path.GetFileName(entry.AsSpan()), out var file) && file.IsInit)
                    numbers.Add(file.Number);
        return numbers;
    }

    private static bool IsReset(string name, HashSet<uint> unlogged) =>
        unlogged.Count > 0
        && BackupRules.TryParseRelation(name, out var file)
        && !file.IsInit
        && unlogged.Contains(file.Number);
}
