namespace Resurgam.Adapters.Git.Change;

/// <summary>
/// A name in a folder that machines and containers may share, for one folder of ours. A lock beside it says that it is used: numbers of
/// processes are each container's own.
/// </summary>
internal sealed class ScratchSeat : IDisposable
{
    private const string Ending = ".lock";
    private const int MostTries = 20;

    private readonly FileStream _lock;

    private ScratchSeat(FileStream held) => _lock = held;

    /// <summary>Nobody has made it yet.</summary>
    public string Folder => FolderOf(_lock.Name);

    /// <summary>Removes what nobody uses any more, too.</summary>
    /// <exception cref="IOException">The folder cannot be had.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be had.</exception>
    public static ScratchSeat Take(string scratch)
    {
        Directory.CreateDirectory(scratch);
        foreach (var left in Directory.EnumerateFiles(scratch, $"*{Ending}").ToList())
            RemoveUnused(left);
        for (var tries = 1; ; tries++)
        {
            var path = Path.Combine(scratch, $"{Path.GetRandomFileName()}{Ending}");
            try
            {
                var held = Open(path, FileMode.CreateNew);
                if (File.Exists(path))
                    return new ScratchSeat(held);
                held.Dispose(); // removed between its making and its locking
            }
            catch (IOException) when (tries < MostTries)
            {
                // Somebody looks whether it is used, in that same moment.
            }
        }
    }

    /// <summary>What cannot be removed is removed by a later one: what was done in it is done.</summary>
    public void Dispose()
    {
        Remove(_lock.Name);
        _lock.Dispose();
    }

    private static void RemoveUnused(string path)
    {
        try
        {
            using var held = Open(path, FileMode.Open);
            Remove(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is used, or gone.
        }
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(FolderOf(path)))
                Directory.Delete(FolderOf(path), recursive: true);
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A git that was killed has children that still write.
        }
    }

    private static FileStream Open(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None);

    private static string FolderOf(string path) => path[..^Ending.Length];
}
