namespace Resurgam.Adapters.Media;

/// <summary>Gives a device records of one length, as a tape wants them; the last is filled with zeros when it is flushed.</summary>
internal sealed class RecordStream(Stream device, int recordBytes) : Stream
{
    private readonly byte[] _record = new byte[recordBytes];
    private int _used;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        while (buffer.Length > 0)
        {
            var count = Math.Min(buffer.Length, _record.Length - _used);
            buffer[..count].CopyTo(_record.AsMemory(_used));
            (buffer, _used) = (buffer[count..], _used + count);
            if (_used == _record.Length)
                await SendAsync(cancellationToken);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_used == 0)
            return;
        _record.AsSpan(_used).Clear();
        await SendAsync(cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() { }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await device.WriteAsync(_record, cancellationToken);
        _used = 0;
    }
}
