using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>Written first and removed last: a folder with it holds an unfinished restore, which a rerun goes on with.</summary>
internal sealed record RestoreMarker(string Snapshot, string Path)
{
    public const string FileName = ".resurgam-restore";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RestoreMarker))]
internal sealed partial class FilesMarkerJson : JsonSerializerContext;

/// <summary>The folder that is restored to: what it holds, and its mark while it is not complete.</summary>
internal sealed class TargetFolder : IDisposable
{
    private TargetFolder(FolderHandle root) => Root = root;

    public FolderHandle Root { get; }

    /// <summary>Refuses what would destroy something that nobody said may go.</summary>
    /// <returns>True when the folder holds something to compare with.</returns>
    public static bool Check(string path, RestoreMarker wanted, bool isDelta)
    {
        try
        {
            if (FileStatus.FindTarget(path) is null)
                return false;
            using var root = FolderHandle.Open(path);
            var names = root.ReadNames();
            if (names.Count == 0)
                return false;
            if (names.Contains(RestoreMarker.FileName))
                return IsOurs(root, wanted) || isDelta ? true : throw RestoreProblems.OtherRestore(path);
            return isDelta ? true : throw TargetProblems.NotEmpty(path);
        }
        catch (IOException e)
        {
            throw TargetProblems.From(path, e);
        }
    }

    /// <summary>Makes and marks it.</summary>
    public static TargetFolder Begin(string path, RestoreMarker marker)
    {
        try
        {
            Directory.CreateDirectory(path);
            var root = FolderHandle.Open(path);
            if (root.Find(RestoreMarker.FileName) is not null)
                root.Remove(RestoreMarker.FileName);
            using (var file = root.Create(RestoreMarker.FileName))
            {
                RandomAccess.Write(
                    file,
                    JsonSerializer.SerializeToUtf8Bytes(marker, FilesMarkerJson.Default.RestoreMarker),
                    0
                );
                RandomAccess.FlushToDisk(file);
            }
            root.Sync();
            return new TargetFolder(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.From(path, e);
        }
    }

    /// <summary>Everything is durable: takes the mark away.</summary>
    /// <param name="finishRoot">
    /// Gives the folder its own times, which that changes. Nothing stands between the two, not even a sync: killed there, the
    /// folder would count as whole.
    /// </param>
    public void Complete(Action finishRoot)
    {
        try
        {
            Root.Remove(RestoreMarker.FileName);
            finishRoot();
            Root.Sync();
        }
        catch (IOException e)
        {
            throw TargetProblems.From(Root.Path, e);
        }
    }

    public void Dispose() => Root.Dispose();

    private static bool IsOurs(FolderHandle root, RestoreMarker wanted)
    {
        using var file = root.OpenToRead(RestoreMarker.FileName);
        var bytes = new byte[RandomAccess.GetLength(file)];
        RandomAccess.Read(file, bytes, 0);
        try
        {
            return JsonSerializer.Deserialize(bytes, FilesMarkerJson.Default.RestoreMarker) == wanted;
        }
        catch (JsonException)
        {
            return root.ReadNames().Count == 1; // torn by a power cut before anything else was written
        }
    }
}

/// <summary>What could not be given back, counted by kind, with one example of each. Thread-safe.</summary>
internal sealed class TargetNotes
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (int Count, string Example)> _notes = new(StringComparer.Ordinal);

    public IReadOnlyList<string> All =>
        [.. _notes.Select(note => $"{note.Key}: {note.Value.Count}, for instance {note.Value.Example}")];

    /// <summary>What the restored entries therefore lack.</summary>
    public Withheld Withheld { get; private set; }

    public void Add(Withheld what, string example)
    {
        lock (_gate)
            Withheld |= what;
        Add(
            what switch
            {
                Withheld.OtherOwners => "owned by you now, since only root can give files away",
                Withheld.Owners => "owners that could not be restored",
                Withheld.Attributes => "extended attributes that could not be restored",
                Withheld.SpecialModes => "setuid and setgid bits, which this process may not set",
                Withheld.Devices => "devices, which only root can make",
                _ => "sockets, which only their program can make",
            },
            example
        );
    }

    public void Add(string what, string example)
    {
        lock (_gate)
            _notes[what] = _notes.TryGetValue(what, out var note) ? (note.Count + 1, note.Example) : (1, example);
    }
}

/// <summary>What the system did not let a restore give back.</summary>
[Flags]
public enum Withheld
{
    None = 0,
    OtherOwners = 1,
    Owners = 2,
    Attributes = 4,
    SpecialModes = 8,
    Devices = 16,
    Sockets = 32,
}
