using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>A base backup as it comes over the wire: forward only, part by part.</summary>
/// <remarks>
/// Since version 15 one COPY carries all parts, and the first byte of each message says what it is; version 14 sends a
/// COPY for each archive in the order of the tablespaces, then one for the manifest, and leaves out the zero blocks
/// that end a tar file. Source: the manual, "Streaming Replication Protocol", BASE_BACKUP.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a stream of parts, if not of bytes.")]
[SuppressMessage("Design", "CA1001", Justification = "The stream of a part owns nothing that could be disposed.")]
public sealed class BaseBackupStream
{
    /// <summary>A tar file ends with two blocks of zeros.</summary>
    private const int TarEndBytes = 1024;

    private readonly ProtocolSession _session;
    private readonly bool _hasManifest;
    private readonly bool _isLegacy;
    private BackendMessage? _next;
    private CopyStream? _open;
    private int _copies;
    private bool _isEnded;

    private BaseBackupStream(ProtocolSession session, bool hasManifest)
    {
        (_session, _hasManifest) = (session, hasManifest);
        _isLegacy = session.ServerVersion < ServerVersions.V15;
    }

    /// <summary>Recovery of the backup begins here.</summary>
    public Lsn StartLsn { get; private set; }

    public uint StartTimeline { get; private set; }

    /// <summary>One entry for each archive, the data directory among them.</summary>
    public IReadOnlyList<TablespaceEntry> Tablespaces { get; private set; } = [];

    /// <summary>Recovery must get at least here. Set once <see cref="NextAsync"/> returned null.</summary>
    public Lsn EndLsn { get; private set; }

    public uint EndTimeline { get; private set; }

    /// <summary>What the server warned of so far, at most 100: pages with a wrong checksum, for one.</summary>
    public IReadOnlyList<string> Warnings =>
        [.. _session.Notices.Where(notice => notice.Severity == "WARNING").Select(notice => notice.ToString())];

    internal static async Task<BaseBackupStream> OpenAsync(
        ProtocolSession session,
        bool hasManifest,
        CancellationToken cancellationToken
    )
    {
        var backup = new BaseBackupStream(session, hasManifest);
        (backup.StartLsn, backup.StartTimeline) = await backup.ReadPositionAsync(cancellationToken);
        var rows = await session.ReadRowsAsync(CommandKind.BaseBackup, cancellationToken);
        backup.Tablespaces = rows.ConvertAll(ReadTablespace);
        return backup;
    }

    /// <summary>The next part; what was not read of the one before is skipped.</summary>
    /// <returns>Null at the end, when the server has confirmed that the backup is good.</returns>
    /// <exception cref="Resurgam.Core.Problems.ResurgamException">
    /// The server gave up, or found wrong page checksums: then what came is no backup.
    /// </exception>
    public async Task<BaseBackupPart?> NextAsync(CancellationToken cancellationToken)
    {
        if (_isEnded)
            return null;
        if (_open is not null)
            await _open.DrainAsync(cancellationToken);
        _open = null;
        var part = _isLegacy ? await NextCopyAsync(cancellationToken) : await NextPartAsync(cancellationToken);
        if (part is null)
            await EndAsync(cancellationToken);
        return part;
    }

    /// <summary>More bytes of the open part; empty at its end.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>> ReadChunkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await ReadMessageAsync(cancellationToken);
            if (message.Type == MessageType.CopyDone)
            {
                _next = _isLegacy ? null : message;
                return default;
            }
            if (message.Type != MessageType.CopyData)
                throw _session.Unexpected(message.Type);
            if (!_isLegacy && IsPartHeader(message))
            {
                // Held, not copied: nothing is read from the session before it is looked at.
                _next = message;
                return default;
            }
            var chunk = _isLegacy ? message.Body : Content(message.Body);
            if (!chunk.IsEmpty)
                return chunk;
        }
    }

    /// <summary>The bytes of a data message; progress messages have none for us.</summary>
    private static ReadOnlyMemory<byte> Content(ReadOnlyMemory<byte> body) =>
        body.Span[0] == (byte)'d' ? body[1..] : default;

    private static bool IsPartHeader(BackendMessage message) =>
        message.Body.Length > 0
            ? message.Body.Span[0] is (byte)'n' or (byte)'m'
            : throw PostgresProblems.Protocol("an empty message in a base backup");

    private ValueTask<BackendMessage> ReadMessageAsync(CancellationToken cancellationToken)
    {
        if (_next is not { } held)
            return _session.ReadAnswerAsync(CommandKind.BaseBackup, cancellationToken);
        _next = null;
        return ValueTask.FromResult(held);
    }

    private async Task<BaseBackupPart?> NextPartAsync(CancellationToken cancellationToken)
    {
        if (_copies++ == 0)
            await _session.ExpectAsync(MessageType.CopyOutResponse, CommandKind.BaseBackup, cancellationToken);
        while (true)
        {
            var message = await ReadMessageAsync(cancellationToken);
            if (message.Type == MessageType.CopyDone)
                return null;
            if (message.Type != MessageType.CopyData)
                throw _session.Unexpected(message.Type);
            if (IsPartHeader(message))
                return ReadPartHeader(message.Body.Span);
        }
    }

    private BaseBackupPart ReadPartHeader(ReadOnlySpan<byte> header)
    {
        var fields = new FieldReader(header);
        if (fields.Byte() == (byte)'m')
            return new BaseBackupPart.Manifest(Open(endBytes: 0));
        var name = fields.Text();
        var tablespace = fields.Text();
        return new BaseBackupPart.Archive(name, tablespace.Length > 0 ? tablespace : null, Open(endBytes: 0));
    }

    private async Task<BaseBackupPart?> NextCopyAsync(CancellationToken cancellationToken)
    {
        if (_copies == Tablespaces.Count + (_hasManifest ? 1 : 0))
            return null;
        await _session.ExpectAsync(MessageType.CopyOutResponse, CommandKind.BaseBackup, cancellationToken);
        var index = _copies++;
        if (index == Tablespaces.Count)
            return new BaseBackupPart.Manifest(Open(endBytes: 0));
        var tablespace = Tablespaces[index];
        var name = tablespace.Oid is { } oid ? string.Create(CultureInfo.InvariantCulture, $"{oid}.tar") : "base.tar";
        return new BaseBackupPart.Archive(name, tablespace.Location, Open(TarEndBytes));
    }

    private CopyStream Open(int endBytes) => _open = new CopyStream(this, endBytes);

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        (EndLsn, EndTimeline) = await ReadPositionAsync(cancellationToken);
        await _session.EndCommandAsync(CommandKind.BaseBackup, cancellationToken);
        _isEnded = true;
    }

    private async Task<(Lsn Position, uint Timeline)> ReadPositionAsync(CancellationToken cancellationToken) =>
        await _session.ReadRowsAsync(CommandKind.BaseBackup, cancellationToken) is [[var position, var timeline]]
            ? (
                PostgresConnection.Position(ProtocolSession.Text(position)),
                PostgresConnection.Timeline(ProtocolSession.Text(timeline))
            )
            : throw PostgresProblems.Protocol("a base backup does not say where it starts or ends");

    private static TablespaceEntry ReadTablespace(byte[]?[] row) =>
        row is [var oid, var location, var size, ..]
            ? new TablespaceEntry(
                oid is null ? null : PostgresConnection.Timeline(ProtocolSession.Text(oid)),
                ProtocolSession.Text(location),
                size is null ? null : PostgresConnection.Number(ProtocolSession.Text(size))
            )
            : throw PostgresProblems.Protocol("a tablespace of a base backup lacks columns");
}
