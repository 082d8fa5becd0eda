namespace Resurgam.Adapters.Stores.Requests;

/// <summary>Bytes on their way up, without a copy of them; tells the watch that they move.</summary>
/// <remarks>
/// A server may answer before it has all of a body, and a call may be given up: the HTTP client then still sends in the background. Whoever lent us the bytes
/// uses them for something else, or frees them, as soon as the call has ended. So once this is disposed nobody reads them any more, nor is about to.
/// </remarks>
internal sealed class UploadStream(ReadOnlyMemory<byte> bytes, StallWatch watch) : Stream
{
    private readonly Lock _gate = new();
    private int _position;
    private bool _isDisposed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => bytes.Length;

    public override long Position
    {
        get => _position;
        set => _position = checked((int)Math.Clamp(value, 0, bytes.Length));
    }

    public override int Read(Span<byte> buffer)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var count = Math.Min(buffer.Length, bytes.Length - _position);
            bytes.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            watch.Moved();
            return count;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin)
    {
        Position =
            offset
            + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => _position,
                SeekOrigin.End => bytes.Length,
            };
        return Position;
    }

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
            _isDisposed = true;
        base.Dispose(disposing);
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
