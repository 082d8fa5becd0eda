using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>Scratch in memory.</summary>
public sealed class MemoryScratch : IScratch
{
    public IScratchFile Create() => new ScratchBytes();

    private sealed class ScratchBytes : IScratchFile
    {
        private readonly MemoryStream _bytes = new();
        private readonly Lock _lock = new();

        public long LengthBytes
        {
            get
            {
                lock (_lock)
                    return _bytes.Length;
            }
        }

        public long Append(ReadOnlySpan<byte> bytes)
        {
            lock (_lock)
            {
                _bytes.Position = _bytes.Length;
                _bytes.Write(bytes);
                return _bytes.Length - bytes.Length;
            }
        }

        public void Read(long offset, Span<byte> buffer)
        {
            lock (_lock)
            {
                _bytes.Position = offset;
                _bytes.ReadExactly(buffer);
            }
        }

        public void Dispose() => _bytes.Dispose();
    }
}
