using Resurgam.Core.Redis;
using Resurgam.Core.Redis.Commands;

namespace Resurgam.Adapters.Redis.Restore;

/// <summary>Commands that were written behind a snapshot, up to a time.</summary>
public sealed class CommandRecovery
{
    private readonly CommandArchive _archive;
    private readonly CommandPath _path;
    private readonly RedisRecord _record;
    private readonly DateTimeOffset? _until;

    private CommandRecovery(CommandArchive archive, CommandPath path, RedisRecord record, DateTimeOffset? until) =>
        (_archive, _path, _record, _until) = (archive, path, record, until);

    /// <summary>Stops here, at a border of two commands; null: at the time, or the end.</summary>
    public long? UntilOffset { get; init; }

    /// <summary>The server's count behind the last of all that the vault has.</summary>
    public long ReachesToOffset => _path.End.Offset;

    /// <summary>When the last of all that the vault has was received.</summary>
    public DateTimeOffset ReachesTo => _path.End.At;

    /// <param name="until">Null: all that there is.</param>
    /// <param name="untilOffset">As <see cref="UntilOffset"/>.</param>
    /// <returns>Null when the vault has no stream behind the snapshot.</returns>
    public static async Task<CommandRecovery?> FindAsync(
        CommandArchive archive,
        RedisRecord record,
        DateTimeOffset? until,
        CancellationToken cancellationToken,
        long? untilOffset = null
    ) =>
        await CommandPath.FindAsync(archive, record, until, cancellationToken) is { } path
            ? new CommandRecovery(archive, path, record, until) { UntilOffset = untilOffset }
            : null;

    /// <summary>Writes them as an append-only file has them.</summary>
    /// <param name="database">The database that the first of them is for.</param>
    internal async Task<ReplayedCommands> WriteAsync(
        FileStream file,
        long database,
        CancellationToken cancellationToken
    )
    {
        var begin = file.Position;
        CommandReplay replay = new(file);
        replay.Begin(database);
        var reached = _record.StoppedAt;
        foreach (var timeline in _path.Timelines)
        await foreach (
            var stretch in _archive.ReadAsync(timeline, _record.Offset + replay.BytesRead, cancellationToken)
        )
        {
            if (stretch.Frame.At > _until)
                return await EndAsync();
            var wanted = _record.Offset + replay.BytesRead;
            if (wanted >= UntilOffset)
                return await EndAsync();
            if (stretch.Frame.Kind != CommandFrameKind.Commands || stretch.Frame.EndOffset <= wanted)
            {
                if (replay.SafeBytesRead == replay.BytesRead && stretch.Frame.EndOffset == wanted)
                    reached = Later(reached, stretch.Frame.At);
                continue;
            }
            var end = Math.Min(stretch.Frame.EndOffset, UntilOffset ?? long.MaxValue);
            replay.Append(
                stretch.Content.Span[(int)(wanted - stretch.Frame.Offset)..(int)(end - stretch.Frame.Offset)]
            );
            if (replay.SafeBytesRead == replay.BytesRead)
                reached = Later(reached, stretch.Frame.At);
        }
        return await EndAsync();

        async Task<ReplayedCommands> EndAsync()
        {
            await file.FlushAsync(cancellationToken);
            file.SetLength(begin + replay.SafeLength); // behind it lies half a command, or half a transaction
            RandomAccess.FlushToDisk(file.SafeFileHandle);
            return new ReplayedCommands(
                replay.Commands,
                _record.Offset + replay.SafeBytesRead,
                reached,
                replay.SafeLength,
                replay.HighestDatabase
            );
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}

/// <param name="Commands">That change data.</param>
/// <param name="Offset">The server's count behind the last of them.</param>
/// <param name="At">When that was received.</param>
/// <param name="LengthBytes">Of the file's part.</param>
public sealed record ReplayedCommands(
    long Commands,
    long Offset,
    DateTimeOffset At,
    long LengthBytes,
    long HighestDatabase
);
