using System.Runtime.CompilerServices;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>A stream of WAL of one timeline.</summary>
/// <remarks>
/// One caller reads; another one may send status at the same time. A read that was cancelled lost nothing and may be
/// repeated, so a reader can wait with a time limit.
/// </remarks>
public sealed class WalReceiver : IDisposable
{
    private readonly ProtocolSession _session;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _status = new byte[FrontendMessages.StatusUpdateBytes];
    private bool _isServerDone;
    private bool _isFinished;
    private bool _isLost;

    /// <summary>The server's answer when it had nothing to stream: the start is the end of the timeline.</summary>
    private (uint NextTimeline, Lsn SwitchLsn)? _next;

    private WalReceiver(ProtocolSession session) => _session = session;

    internal static async Task<WalReceiver> OpenAsync(ProtocolSession session, CancellationToken cancellationToken)
    {
        var receiver = new WalReceiver(session);
        var message = await session.ReadAnswerAsync(CommandKind.Stream, cancellationToken);
        if (message.Type == MessageType.CopyBothResponse)
            return receiver;
        if (message.Type != MessageType.RowDescription)
            throw session.Unexpected(message.Type);
        receiver._isServerDone = true;
        receiver._isFinished = true;
        receiver._next = await receiver.ReadEndAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Waits for the next message.</summary>
    /// <returns>Null when the server has sent the timeline to its end: call <see cref="FinishAsync"/>.</returns>
    /// <exception cref="ResurgamException">The server or the connection went away.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WalMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isServerDone)
            return null;
        var message = await ReadCopyAsync(cancellationToken);
        if (message.Type == MessageType.CopyData)
            return Parse(message.Body);
        _isServerDone = true;
        return null;
    }

    /// <summary>A message that is here already: lets a writer put all that came into one sync.</summary>
    /// <returns>False when it would have to wait, and at the end of the stream. Always invalidates the last message.</returns>
    public bool TryRead(out WalMessage message)
    {
        message = default;
        if (_isServerDone || !_session.TryPeek(out var type) || type != MessageType.CopyData)
            return false;
        message = Parse(_session.ReadHere().Body);
        return true;
    }

    /// <summary>Tells the server how far we are: each position is the one behind the last byte that is meant.</summary>
    /// <remarks>
    /// It does not fail when the connection is gone: the server's last words, which say why, may still wait to be read,
    /// so <see cref="ReadAsync"/> is what tells.
    /// </remarks>
    /// <param name="written">Handed to the operating system.</param>
    /// <param name="flushed">Synced: a commit that waits for us is released, and the slot lets go of older WAL.</param>
    /// <param name="applied">Replayed, for <c>synchronous_commit = remote_apply</c>.</param>
    /// <param name="replyRequested">The server answers with a keepalive at once.</param>
    /// <param name="cancellationToken">A send that was cancelled may have gone out in part: end the connection then.</param>
    public async ValueTask SendStatusAsync(
        Lsn written,
        Lsn flushed,
        Lsn applied,
        bool replyRequested,
        CancellationToken cancellationToken
    )
    {
#pragma warning disable CA1849 // As long as another one writes 34 bytes; a reader that blocks its own thread stays on it.
        _sending.Wait(cancellationToken);
#pragma warning restore CA1849
        try
        {
            if (_isFinished || _isLost)
                return;
            var status = new StandbyStatus(written, flushed, applied, replyRequested);
            FrontendMessages.WriteStatusUpdate(_status, status, _session.Time.GetUtcNow());
            await _session.SendAsync(_status, cancellationToken);
        }
        catch (ResurgamException failure) when (failure.Problem.Code == PostgresProblems.ConnectionLostCode)
        {
            _isLost = true;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the stream, if the server has not, and gives the connection back for other commands.</summary>
    /// <returns>Where the server goes on when the timeline has ended; null when we ended the stream.</returns>
    public async Task<(uint NextTimeline, Lsn SwitchLsn)?> FinishAsync(CancellationToken cancellationToken)
    {
        if (_isFinished)
            return _next;
        await SendDoneAsync(cancellationToken);
        while (!_isServerDone)
            _isServerDone = (await ReadCopyAsync(cancellationToken)).Type == MessageType.CopyDone;
        var message = await _session.ReadAnswerAsync(CommandKind.Stream, cancellationToken);
        if (message.Type == MessageType.RowDescription)
            _next = await ReadEndAsync(cancellationToken);
        else
            await _session.EndCommandAsync(CommandKind.Stream, cancellationToken);
        return _next;
    }

    public void Dispose() => _sending.Dispose();

    /// <summary>A CopyData or the CopyDone.</summary>
    private async ValueTask<BackendMessage> ReadCopyAsync(CancellationToken cancellationToken)
    {
        var message = await _session.ReadAnswerAsync(CommandKind.Stream, cancellationToken);
        return message.Type switch
        {
            MessageType.CopyData or MessageType.CopyDone => message,
            // A server that shuts down sends all it has, says that the command is complete, and closes.
            MessageType.CommandComplete => throw PostgresProblems.ShuttingDown(_session.Server),
            _ => throw _session.Unexpected(message.Type),
        };
    }

    private async Task SendDoneAsync(CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _session.SendAsync(FrontendMessages.CopyDone(), cancellationToken);
            _isFinished = true;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The row behind a finished timeline, whose description was read already.</summary>
    private async Task<(uint NextTimeline, Lsn SwitchLsn)> ReadEndAsync(CancellationToken cancellationToken)
    {
        var message = await _session.ExpectAsync(MessageType.DataRow, CommandKind.Stream, cancellationToken);
        var row = Array.ConvertAll(ProtocolSession.ReadRow(message.Body.Span), ProtocolSession.Text);
        await _session.EndCommandAsync(CommandKind.Stream, cancellationToken);
        return row is [var timeline, var position]
            ? (PostgresConnection.Timeline(timeline), PostgresConnection.Position(position))
            : throw PostgresProblems.Protocol("the end of a timeline lacks columns");
    }

    private static WalMessage Parse(ReadOnlyMemory<byte> body)
    {
        var fields = new FieldReader(body.Span);
        switch (fields.Byte())
        {
            case (byte)'w':
                var start = new Lsn(fields.UInt64());
                var end = new Lsn(fields.UInt64());
                var sentAt = FrontendMessages.TimeOf(fields.Int64());
                var bytes = body[^fields.Rest.Length..];
                if (bytes.IsEmpty || start.Value > ulong.MaxValue - (ulong)bytes.Length)
                    throw PostgresProblems.Protocol($"a WAL stream holds {bytes.Length} bytes at {start}");
                return new WalMessage(WalMessageKind.Data, end, sentAt) { Start = start, Bytes = bytes };
            case (byte)'k':
                return new WalMessage(
                    WalMessageKind.Keepalive,
                    new Lsn(fields.UInt64()),
                    FrontendMessages.TimeOf(fields.Int64())
                )
                {
                    ReplyRequested = fields.Byte() != 0,
                };
            case var other:
                throw PostgresProblems.Protocol($"a WAL stream holds a message '{(char)other}'");
        }
    }
}
