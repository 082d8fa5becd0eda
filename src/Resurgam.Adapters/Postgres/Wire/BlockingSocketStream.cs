using System.Net.Sockets;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>A socket that blocks the thread which reads or writes it, and that the runtime's poller never hears of.</summary>
/// <remarks>
/// For a conversation in which each answer counts: a byte wakes the thread that waits for it, and no other. By way of the poller it
/// would be three threads, on processors that the server needs. Give it a thread of its own.
/// </remarks>
internal sealed class BlockingSocketStream : Stream
{
    /// <summary>How soon a blocked read notices that it was cancelled, in milliseconds.</summary>
    private const int ReadPatience = 100;

    /// <summary>A server that takes nothing for so long is lost, in milliseconds: what we send is small and rare.</summary>
    private const int WritePatience = 10_000;

    private readonly Socket _socket;

    public BlockingSocketStream(Socket socket)
    {
        (socket.ReceiveTimeout, socket.SendTimeout) = (ReadPatience, WritePatience);
        _socket = socket;
    }

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
        while (true)
        {
            var count = _socket.Receive(buffer.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success)
                return ValueTask.FromResult(count);
            if (error is not (SocketError.TimedOut or SocketError.WouldBlock))
                throw Failure(error);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override int Read(Span<byte> buffer) =>
        throw new NotSupportedException("a read waits until it is cancelled: ReadAsync");

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = _socket.Send(buffer, SocketFlags.None, out var error);
            if (error != SocketError.Success)
                throw Failure(error);
            buffer = buffer[count..];
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
        _socket.Dispose();
        base.Dispose(disposing);
    }

    private static IOException Failure(SocketError error)
    {
        SocketException cause = new((int)error);
        return new IOException(cause.Message, cause);
    }
}
