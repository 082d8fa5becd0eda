using Resurgam.Adapters.Files;
using Resurgam.Adapters.Git.Wire;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>The mirrors of one asset in the state folder: a cache, which may be deleted at any time. Ours alone until it is disposed.</summary>
internal sealed class MirrorCache : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _lock;

    private MirrorCache(string folder, FileStream held) => (Folder, _lock) = (folder, held);

    public string Folder { get; }

    /// <summary>Takes the folder, makes it when it is not there, and ends what a backup that was killed left running.</summary>
    /// <exception cref="Core.Problems.ResurgamException"><c>git-busy</c>: another backup has it; <c>git-cache</c></exception>
    public static async Task<MirrorCache> LockAsync(
        string folder,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        FileStream held;
        try
        {
            Directory.CreateDirectory(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            held = new FileStream(
                Path.Combine(folder, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.None
            );
        }
        catch (IOException e) when (e.HResult == EAgain)
        {
            throw GitProblems.Busy(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GitProblems.CacheRefused(folder, e);
        }
        MirrorCache cache = new(folder, held);
        try
        {
            await cache.EndLeftoversAsync(time, cancellationToken);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <param name="name">Of the repository, as <see cref="Core.Git.GitAddress.Name"/> has it.</param>
    public string PathOf(string name) => Path.Combine(Folder, $"{name}.git");

    public void Dispose() => _lock.Dispose();

    /// <summary>What a lock that is held elsewhere gives (EWOULDBLOCK).</summary>
    private const int EAgain = 11;

    /// <summary>A git that outlived the backup that started it would go on changing a mirror under our hands.</summary>
    private async Task EndLeftoversAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (FindLeftovers() is { Count: > 0 } processes)
        {
            if (time.GetElapsedTime(began) > EndLimit)
                throw GitProblems.Busy(Folder);
            foreach (var process in processes)
                ThisProcess.Terminate(process);
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private List<int> FindLeftovers()
    {
        var mark = $"{GitProgram.Mark}={Folder}/";
        List<int> found = [];
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(process), out var id) && HasMark(process, mark))
                found.Add(id);
        return found;
    }

    private static bool HasMark(string process, string mark)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "environ"))
                .Split('\0')
                .Any(variable => variable.StartsWith(mark, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone meanwhile, or another user's, whose processes ours are not
        }
    }
}
