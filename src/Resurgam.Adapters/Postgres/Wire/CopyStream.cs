namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>One part of a base backup as a stream. Only asynchronous: behind it is a network.</summary>
internal sealed class CopyStream(BaseBackupStream backup, int endBytes) : Stream
{
    private ReadOnlyMemory<byte> _chunk;
    private int _endBytes = endBytes;
    private bool _isEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return ValueTask.FromResult(0);
        return _chunk.IsEmpty && !_isEnded
            ? ReadOnAsync(buffer, cancellationToken)
            : ValueTask.FromResult(Copy(buffer));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (!_isEnded)
            _isEnded = (await backup.ReadChunkAsync(cancellationToken)).IsEmpty;
        (_chunk, _endBytes) = (default, 0);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _chunk = await backup.ReadChunkAsync(cancellationToken);
        _isEnded = _chunk.IsEmpty;
        return Copy(buffer);
    }

    private int Copy(Memory<byte> buffer)
    {
        if (_isEnded)
        {
            // The end blocks that the server left out.
            var zeros = Math.Min(buffer.Length, _endBytes);
            buffer.Span[..zeros].Clear();
            _endBytes -= zeros;
            return zeros;
        }
        var count = Math.Min(buffer.Length, _chunk.Length);
        _chunk.Span[..count].CopyTo(buffer.Span);
        _chunk = _chunk[count..];
        return count;
    }
}
