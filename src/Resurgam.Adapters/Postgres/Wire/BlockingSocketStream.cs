using System.Net.Sockets;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>A socket that blocks the thread which reads or writes it, and that the runtime's poller never hears of.</summary>
/// <remarks>
/// For a conversation in which each answer counts: a byte wakes the thread that waits for it, and no other. By way of the poller it
/// would be three threads, on processors that the server needs. Give it a thread of its own.
/// </remarks>
internal sealed class BlockingSocketStream(Socket socket) : Stream
{
    /// <summary>How soon a blocked call notices that it was cancelled.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Await(SelectMode.SelectRead, cancellationToken);
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Await(SelectMode.SelectWrite, cancellationToken);
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            socket.Send(buffer);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        socket.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>A connection that was lost is ready, too: the call behind this one says what became of it.</summary>
    private void Await(SelectMode mode, CancellationToken cancellationToken)
    {
        while (!socket.Poll(Patience, mode))
            cancellationToken.ThrowIfCancellationRequested();
    }
}
