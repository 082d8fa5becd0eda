using System.Globalization;
using Resurgam.Adapters.Files;

namespace Resurgam.Adapters.Runs;

/// <summary>A folder that is there for drills: emptied, and freed of the server that runs on it.</summary>
internal sealed class DrillFolder(string path, TimeProvider time)
{
    /// <summary>Something may still be writing there while it is emptied.</summary>
    private const int MostTries = 20;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>An init takes milliseconds to take note of a dead process.</summary>
    private static readonly TimeSpan ReapTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>No part of the path may be a link: the drill was checked by the path as it is written.</summary>
    public void EnsurePlain()
    {
        for (var at = Path.GetFullPath(path); at is { Length: > 1 }; at = Path.GetDirectoryName(at))
            if (new FileInfo(at).LinkTarget is not null)
                throw FaultProblems.LeadsElsewhere(path, at);
    }

    /// <summary>Kills the PostgreSQL server whose data directory it is, with all of its processes.</summary>
    /// <returns>False when none runs there.</returns>
    public async Task<bool> KillServerAsync(CancellationToken cancellationToken)
    {
        if (await FindServerAsync(cancellationToken) is not { } process)
            return false;
        var lines = await File.ReadAllLinesAsync(PidFile, cancellationToken);
        await KillAsync(process, $"the server on {path}", time, cancellationToken);
        var began = time.GetTimestamp();
        while (ThisProcess.IsAlive(process) && time.GetElapsedTime(began) < ReapTime)
            await Task.Delay(BetweenLooks, time, cancellationToken);
        if (ThisProcess.IsAlive(process))
            DeleteLocks(lines);
        return true;
    }

    /// <summary>
    /// A dead process that nobody waits for still has its number, and the next server would take the dead one's locks for
    /// those of a living one (PostgreSQL, <c>CreateLockFile</c>): containers without an init are so.
    /// </summary>
    private void DeleteLocks(string[] lines)
    {
        File.Delete(PidFile);
        // Lines 4 and 5 of the file: port, and folder of the unix socket.
        if (lines is [_, _, _, var port, { Length: > 0 } socket, ..])
            File.Delete(Path.Combine(socket, $".s.PGSQL.{port}.lock"));
    }

    private string PidFile => Path.Combine(path, "postmaster.pid");

    /// <returns>Null when none runs there; else the number of its first process.</returns>
    public async Task<int?> FindServerAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(PidFile))
            return null;
        var lines = await File.ReadAllLinesAsync(PidFile, cancellationToken);
        if (
            lines is not [var first, ..]
            || !int.TryParse(first, CultureInfo.InvariantCulture, out var process)
            || !IsRunning(process)
        )
            return null;
        // A server's working directory is its data directory: a number that was given to somebody else is not killed.
        try
        {
            return PhysicalPath.AreSame($"/proc/{process}/cwd", path) ? process : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FaultProblems.Hidden(process, path, e);
        }
    }

    /// <summary>SIGKILL to a process and all that it has started, until they are gone.</summary>
    public static async Task KillAsync(int process, string what, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var running = System.Diagnostics.Process.GetProcessById(process);
            running.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            return; // it ended by itself just now
        }
        var began = time.GetTimestamp();
        while (IsRunning(process))
        {
            if (time.GetElapsedTime(began) > Patience)
                throw FaultProblems.Survived(what);
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    /// <summary>Deletes what is in it, and the folder itself when asked to.</summary>
    public async Task ClearAsync(bool isRemoved, CancellationToken cancellationToken)
    {
        for (var i = 1; Directory.Exists(path); i++)
        {
            try
            {
                foreach (var item in new DirectoryInfo(path).EnumerateFileSystemInfos())
                    Delete(item);
                if (isRemoved)
                    Directory.Delete(path);
                return;
            }
            catch (IOException e)
            {
                if (i == MostTries)
                    throw FaultProblems.Files(path, e);
                await Task.Delay(BetweenLooks, time, cancellationToken);
            }
            catch (UnauthorizedAccessException e)
            {
                throw FaultProblems.Files(path, e);
            }
        }
    }

    /// <summary>It runs, and is not only waited for by its parent.</summary>
    public static bool IsRunning(int process)
    {
        if (!ThisProcess.IsAlive(process))
            return false;
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].StartsWith('Z');
        }
        catch (IOException)
        {
            return false; // gone between the two looks
        }
    }

    private static void Delete(FileSystemInfo item)
    {
        if (item is DirectoryInfo { LinkTarget: null } folder)
            folder.Delete(recursive: true);
        else
            item.Delete();
    }
}
