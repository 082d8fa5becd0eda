using System.Globalization;
using System.Text;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis;

namespace Resurgam.Adapters.Redis.Restore;

/// <summary>
/// Puts commands behind a restored snapshot, so that the server loads both: as an append-only file where it uses those,
/// else a private server replays them once and saves the RDB.
/// </summary>
internal sealed class CommandLayout(string target, RedisRecord record, string? binaries, TimeProvider time)
{
    private const string UsualFolder = "appendonlydir";
    private const string UsualFile = "appendonly.aof";

    /// <summary>In the target while the private server works, so that its RDB need not be copied.</summary>
    private const string ReplayFolder = ".resurgam-replay";

    private const UnixFileMode FileMode0640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <param name="dataFile">The snapshot's RDB, as a path below the target.</param>
    /// <param name="manifest">Of the snapshot's append-only files; null when there are none.</param>
    /// <returns>What lies there now, and a sentence where that needs one.</returns>
    public async Task<CommandFiles> AddAsync(
        CommandRecovery commands,
        string dataFile,
        string? manifest,
        CancellationToken cancellationToken
    )
    {
        var database = RdbBeginning.FindStreamDatabase(ReadBeginning(Path.Combine(target, dataFile)));
        if (manifest is not null)
            return await AppendAsync(commands, target, dataFile, manifest, database, cancellationToken);
        var old = Path.Combine(target, UsualFile);
        if (record.HasAppendOnly && File.Exists(old))
            return await AppendToOldAsync(commands, dataFile, old, database, cancellationToken);
        return await ReplayAsync(commands, dataFile, database, cancellationToken);
    }

    /// <summary>The RDB that is no longer the newest goes: a server that read it would silently be of an earlier time.</summary>
    private static async Task<CommandFiles> AppendAsync(
        CommandRecovery commands,
        string folder,
        string dataFile,
        string manifest,
        long database,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(folder, manifest);
        var append = Path.GetDirectoryName(path) ?? folder;
        var name = Path.GetFileNameWithoutExtension(path);
        var rest = Path.Combine(append, $"{name}.1.incr.aof");
        var replayed = await WriteAsync(commands, rest, database, cancellationToken);
        await WriteSyncedAsync(
            path,
            $"file {name}.1.base.rdb seq 1 type b\nfile {name}.1.incr.aof seq 1 type i\n",
            cancellationToken
        );
        File.Delete(Path.Combine(folder, dataFile));
        DirectorySync.Flush(append);
        DirectorySync.Flush(folder);
        return new CommandFiles(
            Path.GetRelativePath(folder, Path.Combine(append, $"{name}.1.base.rdb")),
            manifest,
            replayed,
            Note: null
        );
    }

    /// <summary>Before Redis 7 an RDB may begin the one append-only file.</summary>
    private async Task<CommandFiles> AppendToOldAsync(
        CommandRecovery commands,
        string dataFile,
        string old,
        long database,
        CancellationToken cancellationToken
    )
    {
        var data = Path.Combine(target, dataFile);
        File.Delete(old); // a second name of the same file
        File.Move(data, old);
        await using var file = new FileStream(old, FileMode.Append, FileAccess.Write, FileShare.None, 1 << 20);
        var replayed = await commands.WriteAsync(file, database, cancellationToken);
        DirectorySync.Flush(target);
        return new CommandFiles(null, UsualFile, replayed, Note: null);
    }

    private async Task<CommandFiles> ReplayAsync(
        CommandRecovery commands,
        string dataFile,
        long database,
        CancellationToken cancellationToken
    )
    {
        var folder = Path.Combine(target, ReplayFolder);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var replayed = await LayOutAsync(commands, folder, dataFile, database, cancellationToken);
        string? note = null;
        if (FindBinaries() is { } found)
        {
            await SaveAsync(found, folder, dataFile, replayed, cancellationToken);
            File.Move(Path.Combine(folder, dataFile), Path.Combine(target, dataFile), overwrite: true);
            File.SetUnixFileMode(Path.Combine(target, dataFile), FileMode0640);
        }
        else
        {
            Directory.Move(Path.Combine(folder, UsualFolder), Path.Combine(target, UsualFolder));
            note =
                "no Redis server is here to make an RDB of the commands: start yours with 'appendonly yes' once, then 'CONFIG SET appendonly no' and 'SAVE'";
        }
        Directory.Delete(folder, recursive: true);
        DirectorySync.Flush(target);
        return note is null
            ? new CommandFiles(dataFile, null, replayed, note)
            : new CommandFiles(
                $"{UsualFolder}/{UsualFile}.1.base.rdb",
                $"{UsualFolder}/{UsualFile}.manifest",
                replayed,
                note
            );
    }

    private async Task<ReplayedCommands> LayOutAsync(
        CommandRecovery commands,
        string folder,
        string dataFile,
        long database,
        CancellationToken cancellationToken
    )
    {
        var append = Path.Combine(folder, UsualFolder);
        Directory.CreateDirectory(append);
        File.Move(Path.Combine(target, dataFile), Path.Combine(append, $"{UsualFile}.1.base.rdb"));
        var manifest = $"{UsualFolder}/{UsualFile}.manifest";
        return (await AppendAsync(commands, folder, dataFile, manifest, database, cancellationToken)).Replayed;
    }

    private async Task SaveAsync(
        RedisBinaries found,
        string folder,
        string dataFile,
        ReplayedCommands replayed,
        CancellationToken cancellationToken
    )
    {
        var run = Directory.CreateTempSubdirectory("resurgam-redis-").FullName;
        var most = Math.Max(
            replayed.HighestDatabase,
            record.Databases is { Count: > 0 } all ? all.Max(d => d.Database) : 0
        );
        PrivateServer server = new(
            new ServerRequest
            {
                Binaries = found,
                RunFolder = run,
                Settings =
                [
                    ("dir", folder),
                    ("dbfilename", dataFile),
                    ("appendonly", "yes"),
                    ("appenddirname", UsualFolder),
                    ("appendfilename", UsualFile),
                    ("save", ""),
                    ("databases", Math.Max(16, most + 1).ToString(CultureInfo.InvariantCulture)),
                    ("aof-load-truncated", "no"),
                    ("auto-aof-rewrite-percentage", "0"),
                    ("maxmemory", "0"),
                ],
            },
            time
        );
        try
        {
            await server.StartAsync(cancellationToken);
            await server.SaveAsync(cancellationToken);
        }
        finally
        {
            await server.StopAsync(CancellationToken.None);
            Directory.Delete(run, recursive: true);
        }
    }

    private RedisBinaries? FindBinaries()
    {
        try
        {
            return RedisBinaries.Get(record.Program, binaries);
        }
        catch (ResurgamException e) when (e.Problem.Code == ServerProblems.NoBinariesCode)
        {
            return null; // then the server that is restored for replays them itself
        }
    }

    private static async Task<ReplayedCommands> WriteAsync(
        CommandRecovery commands,
        string path,
        long database,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        File.SetUnixFileMode(path, FileMode0640);
        return await commands.WriteAsync(file, database, cancellationToken);
    }

    private static async Task WriteSyncedAsync(string path, string text, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        File.SetUnixFileMode(path, FileMode0640);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await file.FlushAsync(cancellationToken);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }

    private static byte[] ReadBeginning(string path)
    {
        using var file = File.OpenHandle(path);
        var bytes = new byte[RdbBeginning.SizeBytes];
        return bytes[..RandomAccess.Read(file, bytes, 0)];
    }
}

/// <param name="DataFile">What <c>redis-check-rdb</c> can look at; null: nothing.</param>
/// <param name="Manifest">What <c>redis-check-aof</c> can look at; null: nothing.</param>
internal sealed record CommandFiles(string? DataFile, string? Manifest, ReplayedCommands Replayed, string? Note);
