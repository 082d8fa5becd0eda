using System.Buffers;
using System.Runtime.InteropServices;

namespace Resurgam.Core.Values;

/// <summary>A large piece of memory outside the collected heap.</summary>
/// <remarks>On it, the collector would take these megabytes for a reason to let as many of garbage gather beside them.</remarks>
internal sealed unsafe class NativeBuffer : MemoryManager<byte>
{
    /// <summary>A page of memory and of any disk: what is written past the page cache has to begin at one.</summary>
    private const int AlignmentBytes = 4096;

    private byte* _bytes;
    private int _length;

    /// <summary>Its content is whatever was there.</summary>
    public NativeBuffer(int lengthBytes) => Resize(lengthBytes);

    public int LengthBytes => _length;

    /// <summary>Keeps the content as far as it fits. Spans and memories from before are void.</summary>
    public void Resize(int lengthBytes)
    {
        _bytes = (byte*)NativeMemory.AlignedRealloc(_bytes, (nuint)lengthBytes, AlignmentBytes);
        _length = lengthBytes;
    }

    /// <summary>The start of it; grows first where it is shorter. Spans and memories from before are then void.</summary>
    public Memory<byte> Reserve(int lengthBytes)
    {
        if (_length < lengthBytes)
            Resize(lengthBytes);
        return Memory[..lengthBytes];
    }

    public override Span<byte> GetSpan() => new(_bytes, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

    public override void Unpin() { }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(_bytes);
        _bytes = null;
        _length = 0;
    }
}
