using System.Globalization;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>The commands of a physical replication connection.</summary>
/// <remarks>Source: the manual, "Streaming Replication Protocol".</remarks>
public sealed partial class PostgresConnection
{
    private const string NoSuchFile = "58P01";

    /// <summary>Pieces of an uploaded manifest; the size is ours to choose.</summary>
    private const int UploadPieceBytes = 64 * 1024;

    public async Task<SystemIdentity> IdentifySystemAsync(CancellationToken cancellationToken)
    {
        var row = await RowAsync("IDENTIFY_SYSTEM", CommandKind.Sql, cancellationToken);
        return row is [{ } identifier, { } timeline, { } flushed, ..]
            ? new SystemIdentity(Identifier(identifier), Timeline(timeline), Position(flushed))
            : throw PostgresProblems.Protocol("the answer to IDENTIFY_SYSTEM lacks columns");
    }

    /// <summary>Creates a slot that holds the WAL from this moment on.</summary>
    public Task CreatePhysicalSlotAsync(string name, CancellationToken cancellationToken) =>
        QueryBytesAsync(
            $"CREATE_REPLICATION_SLOT {SqlText.Identifier(name)} PHYSICAL RESERVE_WAL",
            CommandKind.Slot,
            cancellationToken
        );

    /// <summary>As <see cref="CreatePhysicalSlotAsync"/>, but the slot is gone when this connection is.</summary>
    public Task CreateTemporarySlotAsync(string name, CancellationToken cancellationToken) =>
        QueryBytesAsync(
            $"CREATE_REPLICATION_SLOT {SqlText.Identifier(name)} TEMPORARY PHYSICAL RESERVE_WAL",
            CommandKind.Slot,
            cancellationToken
        );

    /// <summary>What a physical slot holds.</summary>
    /// <returns>Null when there is no such slot.</returns>
    public async Task<SlotState?> ReadSlotAsync(string name, CancellationToken cancellationToken)
    {
        if (ServerVersion < ServerVersions.V15)
            return await ReadSlotBySqlAsync(name, cancellationToken);
        var row = await RowAsync(
            $"READ_REPLICATION_SLOT {SqlText.Identifier(name)}",
            CommandKind.Slot,
            cancellationToken
        );
        return row switch
        {
            [null, ..] => null,
            [_, null, ..] => new SlotState(default, 0),
            [_, { } restart, { } timeline] => new SlotState(Position(restart), Timeline(timeline)),
            _ => throw PostgresProblems.Protocol("the answer to READ_REPLICATION_SLOT lacks columns"),
        };
    }

    /// <summary>Drops a slot; one that is in use is an error, one that is absent too.</summary>
    public Task DropSlotAsync(string name, CancellationToken cancellationToken) =>
        QueryBytesAsync($"DROP_REPLICATION_SLOT {SqlText.Identifier(name)}", CommandKind.Slot, cancellationToken);

    /// <summary>The history file of a timeline, byte for byte.</summary>
    /// <returns>Null when the server has none, as for timeline 1.</returns>
    public async Task<(string FileName, byte[] Content)?> TimelineHistoryAsync(
        uint timeline,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var command = string.Create(CultureInfo.InvariantCulture, $"TIMELINE_HISTORY {timeline}");
            // The content is declared as bytea but comes as the plain bytes of the file.
            return
                await QueryBytesAsync(command, CommandKind.TimelineHistory, cancellationToken)
                    is [[{ } name, { } content]]
                ? (ProtocolSession.Text(name) ?? "", content)
                : throw PostgresProblems.Protocol("the answer to TIMELINE_HISTORY lacks columns");
        }
        catch (Core.Problems.ResurgamException failure) when (PostgresErrorException.SqlStateOf(failure) == NoSuchFile)
        {
            return null;
        }
    }

    /// <summary>A setting of the server, as <c>SHOW</c> prints it. Works on a connection without SQL, too.</summary>
    public async Task<string> ShowAsync(string setting, CancellationToken cancellationToken) =>
        (await RowAsync($"SHOW {SqlText.Identifier(setting)}", CommandKind.Sql, cancellationToken))[0] ?? "";

    /// <summary>Bytes of one WAL segment of this cluster: a power of two from 1 MiB to 1 GiB.</summary>
    public async Task<ulong> ShowWalSegmentSizeAsync(CancellationToken cancellationToken)
    {
        var text = await ShowAsync("wal_segment_size", cancellationToken);
        // PostgreSQL's MB is 2^20 bytes.
        return ByteSize.TryParse(text.Replace("B", "iB", StringComparison.Ordinal), out var size) && size.Bytes > 0
            ? (ulong)size.Bytes
            : throw PostgresProblems.Protocol($"wal_segment_size is '{text}'");
    }

    /// <summary>Starts a base backup; the connection belongs to it until its last part is read.</summary>
    public async Task<BaseBackupStream> StartBaseBackupAsync(
        BaseBackupOptions options,
        CancellationToken cancellationToken
    )
    {
        if (options.Incremental && ServerVersion < ServerVersions.V17)
            throw new ArgumentException("incremental backups need PostgreSQL 17", nameof(options));
        await _session.BeginCommandAsync(options.ToCommand(ServerVersion), cancellationToken);
        return await BaseBackupStream.OpenAsync(_session, options.Manifest, cancellationToken);
    }

    /// <summary>Gives the server the manifest that the next incremental backup of this connection builds on.</summary>
    public async Task UploadManifestAsync(Stream manifest, CancellationToken cancellationToken)
    {
        const CommandKind kind = CommandKind.UploadManifest;
        await _session.BeginCommandAsync("UPLOAD_MANIFEST", cancellationToken);
        await _session.ExpectAsync(MessageType.CopyInResponse, kind, cancellationToken);
        var message = new byte[FrontendMessages.CopyDataHeaderBytes + UploadPieceBytes];
        while (true)
        {
            var piece = message.AsMemory(FrontendMessages.CopyDataHeaderBytes);
            var count = await manifest.ReadAsync(piece, cancellationToken);
            if (count == 0)
                break;
            FrontendMessages.WriteCopyDataHeader(message, count);
            await _session.SendAsync(
                message.AsMemory(0, FrontendMessages.CopyDataHeaderBytes + count),
                cancellationToken
            );
        }
        await _session.SendAsync(FrontendMessages.CopyDone(), cancellationToken);
        await _session.EndCommandAsync(kind, cancellationToken);
    }

    /// <summary>Streams WAL of one timeline; the connection belongs to the receiver until it is finished.</summary>
    /// <param name="slot">Null: nothing on the server holds the WAL for us.</param>
    /// <param name="start">Any position; the server takes it as it is, so the beginning of a segment is usual.</param>
    public async Task<WalReceiver> StartReplicationAsync(
        string? slot,
        uint timeline,
        Lsn start,
        CancellationToken cancellationToken
    )
    {
        var slotPart = slot is null ? "" : $"SLOT {SqlText.Identifier(slot)} ";
        var command = string.Create(
            CultureInfo.InvariantCulture,
            $"START_REPLICATION {slotPart}PHYSICAL {start} TIMELINE {timeline}"
        );
        await _session.BeginCommandAsync(command, cancellationToken);
        return await WalReceiver.OpenAsync(_session, cancellationToken);
    }

    /// <summary>
    /// PostgreSQL 14 has no READ_REPLICATION_SLOT and no SQL on this connection: a second one asks the view, and the
    /// timeline comes from the history, as the later command finds it.
    /// </summary>
    private async Task<SlotState?> ReadSlotBySqlAsync(string name, CancellationToken cancellationToken)
    {
        await using var sql = await OpenAsync(_settings, SessionKind.Sql, _session.Time, cancellationToken);
        var slot = await sql.QueryAsync(
            "SELECT restart_lsn FROM pg_catalog.pg_replication_slots "
                + $"WHERE slot_type = 'physical' AND slot_name = {SqlText.Literal(name)}",
            cancellationToken
        );
        if (slot is not [[var restart]])
            return null;
        if (restart is null)
            return new SlotState(default, 0);
        var position = Position(restart);
        var current = (await IdentifySystemAsync(cancellationToken)).Timeline;
        var history = await TimelineHistoryAsync(current, cancellationToken);
        return new SlotState(position, TimelineHistory.Parse(current, history?.Content ?? []).TimelineAt(position));
    }

    private async Task<string?[]> RowAsync(string command, CommandKind kind, CancellationToken cancellationToken) =>
        await QueryBytesAsync(command, kind, cancellationToken) is [var row, ..]
            ? Array.ConvertAll(row, ProtocolSession.Text)
            : throw PostgresProblems.Protocol($"no row answers {command}");

    internal static Lsn Position(string? text) =>
        Lsn.TryParse(text, out var lsn) ? lsn : throw PostgresProblems.Protocol($"'{text}' is no WAL position");

    private static ulong Identifier(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var identifier)
            ? identifier
            : throw PostgresProblems.Protocol($"'{text}' is no system identifier");

    internal static uint Timeline(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var timeline)
            ? timeline
            : throw PostgresProblems.Protocol($"'{text}' is no timeline");

    internal static long Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw PostgresProblems.Protocol($"'{text}' is no number");
}

/// <summary>Who a cluster is and where it stands.</summary>
/// <param name="SystemIdentifier">Made by initdb; the same in all copies of the cluster.</param>
/// <param name="Timeline">The current one.</param>
/// <param name="FlushLsn">Behind the last byte of WAL that the server has on disk.</param>
public sealed record SystemIdentity(ulong SystemIdentifier, uint Timeline, Lsn FlushLsn);

/// <summary>What a physical slot holds.</summary>
/// <param name="RestartLsn">The oldest WAL that it holds; zero when it holds none: not used yet, or lost.</param>
/// <param name="RestartTimeline">The timeline of that position; zero with a zero position.</param>
public sealed record SlotState(Lsn RestartLsn, uint RestartTimeline);
