using Microsoft.Win32.SafeHandles;

namespace Resurgam.Adapters.Files;

/// <summary>A file being written, whose pages go to the disk early, so that the sync at the end finds little to do.</summary>
internal sealed class WriteBehind(SafeFileHandle file) : IDisposable
{
    private const long WriteBehindBytes = 8 << 20;
    private const uint StartWriting = 2;

    private long _unsent;
    private long _from = long.MaxValue;
    private long _to;

    /// <exception cref="IOException">The system refuses.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(file, bytes, offset);
        (_from, _to) = (Math.Min(_from, offset), Math.Max(_to, offset + bytes.Length));
        _unsent += bytes.Length;
        if (_unsent >= WriteBehindBytes)
            Send();
    }

    public void Dispose()
    {
        Send();
        file.Dispose();
    }

    /// <summary>A hint to the kernel: what it returns changes nothing, the sync at the end is what counts.</summary>
    private void Send()
    {
        if (_unsent > 0)
            FileNative.SyncFileRange((int)file.DangerousGetHandle(), _from, _to - _from, StartWriting);
        (_unsent, _from, _to) = (0, long.MaxValue, 0);
    }
}
