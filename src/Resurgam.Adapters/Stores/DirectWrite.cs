using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Resurgam.Adapters.Files;

namespace Resurgam.Adapters.Stores;

/// <summary>Writes past the page cache: of a pack, which nobody reads soon, it saves the copy and the memory.</summary>
internal static class DirectWrite
{
    /// <summary>Disks and file systems ask for at most this, of memory, offset and length alike.</summary>
    private const int AlignmentBytes = 4096;

    /// <summary>Of less than this the copy costs less than a wait of its own for the disk.</summary>
    private const int LeastBytes = 1 << 20;

    private const int SetFlags = 4; // F_SETFL
    private const int InvalidArgument = 22;

    /// <param name="file">Open for writing, empty. It is an ordinary file again afterwards.</param>
    /// <returns>
    /// How many bytes from the start are written; the caller writes the rest. 0 where it is not possible: the file system
    /// cannot do it, or the bytes do not begin at a page of memory.
    /// </returns>
    /// <exception cref="IOException">The disk's own: full, broken.</exception>
    public static int TryWriteStart(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        var whole = bytes.Length / AlignmentBytes * AlignmentBytes;
        if (whole < LeastBytes || !IsAligned(bytes) || Native.Control(file, SetFlags, OpenFlags.Direct) < 0)
            return 0;
        var written = TryWrite(file, bytes[..whole]) ? whole : 0;
        if (Native.Control(file, SetFlags, 0) < 0)
            throw Errno.Last("write through the page cache again");
        return written;
    }

    /// <returns>False when the file system took the flag and refuses the write: what is written of it is written again.</returns>
    private static bool TryWrite(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(file, bytes, 0);
            return true;
        }
        catch (IOException e) when (e.HResult == InvalidArgument)
        {
            return false;
        }
    }

    private static unsafe bool IsAligned(ReadOnlySpan<byte> bytes) =>
        (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)) % AlignmentBytes == 0;
}
