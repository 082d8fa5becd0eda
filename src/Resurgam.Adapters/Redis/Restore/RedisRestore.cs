using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Files.Restore;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Core.Redis;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Redis.Restore;

/// <summary>Where and how a server's data directory is restored.</summary>
public sealed record RedisRestoreRequest
{
    /// <summary>The data directory, absolute; made when it is not there.</summary>
    public required string Target { get; init; }

    /// <summary>What is there may be compared and replaced.</summary>
    public bool IsDelta { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>No keys come back: an empty directory is an empty server.</summary>
    public bool StartsEmpty { get; init; }

    /// <summary>Commands that are replayed on the snapshot; null: none.</summary>
    public CommandRecovery? Commands { get; init; }

    /// <summary>Who shall own the files; null: the server's user of this machine, where there is one.</summary>
    public (uint User, uint Group)? Owner { get; init; }

    /// <summary>Folder with Redis' programs; null: found in <c>PATH</c>.</summary>
    public string? Binaries { get; init; }

    /// <summary>The caller starts a server in it.</summary>
    public bool IsStartedNext { get; init; }

    /// <summary>The caller runs the checks of Redis' own programs.</summary>
    public bool IsCheckedLater { get; init; }
}

/// <param name="DataFile">The RDB, as a path below the target; null when none is there by itself.</param>
/// <param name="Manifest">The list of the append-only files, as a path below the target; null when there are none.</param>
public sealed record RedisRestoreResult(
    RedisRecord Record,
    string? DataFile,
    string? Manifest,
    long BytesTotal,
    long BytesWritten,
    IReadOnlyList<string> Notes
)
{
    /// <summary>What was replayed; null when that was nothing.</summary>
    public ReplayedCommands? Replayed { get; init; }
}

/// <summary>
/// Restores a data directory that a server loads. What was cut off goes on when it is run again: the folder is marked
/// until all of it is durable.
/// </summary>
public sealed class RedisRestore(Vault vault, RedisRestoreRequest request, IWorkProgress progress)
{
    private const string Folder = "redis";

    private readonly List<string> _notes = [];

    public async Task<RedisRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var record = await ReadRecordAsync(reader, snapshot, cancellationToken);
        var files = await ListFilesAsync(reader, snapshot, cancellationToken);
        var dataFile =
            files.FirstOrDefault(file => !file.Contains('/')) ?? throw RedisRecord.Missing(snapshot.Id.Short);
        var manifest = files.FirstOrDefault(DataFolder.IsManifest);
        new DataFolder(request.Target).Check(files, request.IsDelta && !request.StartsEmpty);
        if (request.StartsEmpty)
            return MakeEmpty(new RedisRestoreResult(record, dataFile, manifest, 0, 0, _notes));

        CommandFiles? added = null;
        FilesRestoreRequest restore = new()
        {
            Target = request.Target,
            Path = Folder,
            IsDelta = request.IsDelta,
            IsDryRun = request.IsDryRun,
            BeforeComplete = request.Commands is { } commands
                ? async token => added = await AddAsync(commands, record, dataFile, manifest, token)
                : null,
        };
        var result = await new FilesRestore(vault, restore, progress).RunAsync(snapshot, cancellationToken);
        _notes.AddRange(result.Notes);
        var (data, list) = added is null ? (dataFile, manifest) : (added.DataFile, added.Manifest);
        if (!request.IsDryRun)
        {
            GiveAway(record);
            if (!request.IsCheckedLater)
                await CheckAsync(record.Program, data, list, cancellationToken);
            if (!request.IsStartedNext)
                TellHowToStart(record);
        }
        return new RedisRestoreResult(record, data, list, result.BytesTotal, result.BytesWritten, _notes)
        {
            Replayed = added?.Replayed,
        };
    }

    public static async Task<RedisRecord> ReadRecordAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var json = await reader.FindFileAsync(snapshot, RedisRecord.Path, cancellationToken);
        return json is null ? throw RedisRecord.Missing(snapshot.Id.Short) : RedisRecord.Read(json, snapshot.Id.Short);
    }

    private static async Task<List<string>> ListFilesAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        List<string> files = [];
        await foreach (var (path, node) in reader.WalkAsync(snapshot, Folder, cancellationToken))
            if (node.Type == NodeType.File)
                files.Add(path[(Folder.Length + 1)..]);
        // The file of all data is the only one that every snapshot has; before Redis 7 an append-only file lies beside it.
        return [.. files.OrderBy(file => file.EndsWith(".aof", StringComparison.Ordinal))];
    }

    private async Task<CommandFiles> AddAsync(
        CommandRecovery commands,
        RedisRecord record,
        string dataFile,
        string? manifest,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("replaying commands");
        CommandLayout layout = new(request.Target, record, request.Binaries, vault.Host.Time);
        var added = await layout.AddAsync(commands, dataFile, manifest, cancellationToken);
        _notes.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{added.Replayed.Commands} commands after the snapshot, the last received at {added.Replayed.At:yyyy-MM-ddTHH:mm:ss.fffZ}"
            )
        );
        if (added.Note is { } note)
            _notes.Add(note);
        return added;
    }

    private RedisRestoreResult MakeEmpty(RedisRestoreResult result)
    {
        if (Directory.Exists(request.Target) && Directory.EnumerateFileSystemEntries(request.Target).Any())
            throw RestoreProblems.NotEmpty(request.Target);
        if (!request.IsDryRun)
        {
            try
            {
                Directory.CreateDirectory(request.Target);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw TargetProblems.From(request.Target, e);
            }
            GiveAway(result.Record);
        }
        _notes.Add(
            "no key was brought back: the plan says 'start-empty'; a snapshot named by its id is restored with its keys"
        );
        return result;
    }

    /// <summary>Files came with the name of the server's user; another owner, and the folder itself, follow here.</summary>
    private void GiveAway(RedisRecord record)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        var names = UserNames.Read();
        if (request.Owner is null && names.FindUser(record.Program) is null)
            _notes.Add(
                $"everything belongs to root, since there is no user {record.Program} here: 'chown -R USER:GROUP {request.Target}' before the server starts"
            );
        if ((request.Owner ?? FindUser(names, record.Program)) is not { } owner)
            return;
        FileMetadata.ChangeOwner(request.Target, owner);
        foreach (
            var path in Directory.EnumerateFileSystemEntries(request.Target, "*", SearchOption.AllDirectories).ToList()
        )
            FileMetadata.ChangeOwner(path, owner);
    }

    private static (uint User, uint Group)? FindUser(UserNames names, string name) =>
        names.FindUser(name) is { } user ? (user, names.FindGroup(name) ?? user) : null;

    /// <summary>Redis' own checks, where its programs are here.</summary>
    private async Task CheckAsync(
        string program,
        string? dataFile,
        string? manifest,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("checking what was restored");
        RedisTools tools = new(program, request.Binaries, vault.Host.Time);
        foreach (var check in await tools.CheckAsync(request.Target, dataFile, manifest, cancellationToken))
            if (check.Passed)
                _notes.Add($"{check.Name}: {check.Detail}");
            else
                throw RestoreProblems.CheckFailed(request.Target, check.Name, check.Detail);
    }

    private void TellHowToStart(RedisRecord record) =>
        _notes.Add(
            record.HasAppendOnly
                ? "start the server with 'appendonly yes' and this folder as its 'dir'"
                : "start the server with 'appendonly no' and this folder as its 'dir': with 'appendonly yes' it would start empty. Turn it on afterwards with 'CONFIG SET appendonly yes'"
        );
}
