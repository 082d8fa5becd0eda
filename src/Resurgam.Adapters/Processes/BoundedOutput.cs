using System.Text;

namespace Resurgam.Adapters.Processes;

/// <summary>Reads a stream to its end and keeps a bounded part of it: a child must never wait for us to read, nor fill our memory.</summary>
internal sealed class BoundedOutput
{
    private readonly Lock _gate = new();
    private readonly List<byte> _kept = [];
    private readonly int _maxBytes;
    private readonly bool _keepsTail;

    private BoundedOutput(int maxBytes, bool keepsTail) => (_maxBytes, _keepsTail) = (maxBytes, keepsTail);

    /// <summary>True when there was more than is kept.</summary>
    public bool IsCut { get; private set; }

    public static BoundedOutput KeepHead(int maxBytes) => new(maxBytes, keepsTail: false);

    public static BoundedOutput KeepTail(int maxBytes) => new(maxBytes, keepsTail: true);

    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
            Keep(buffer.AsSpan(0, read));
    }

    public byte[] ToBytes()
    {
        lock (_gate)
        {
            if (_keepsTail && _kept.Count > _maxBytes)
                DropAllButTail();
            return [.. _kept];
        }
    }

    public string ToText() => Encoding.UTF8.GetString(ToBytes());

    internal void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var taken = _keepsTail ? bytes : bytes[..Math.Min(_maxBytes - _kept.Count, bytes.Length)];
            _kept.AddRange(taken);
            IsCut |= taken.Length < bytes.Length || _kept.Count > _maxBytes;
            if (_kept.Count > 2L * _maxBytes)
                DropAllButTail();
        }
    }

    private void DropAllButTail() => _kept.RemoveRange(0, _kept.Count - _maxBytes);
}
