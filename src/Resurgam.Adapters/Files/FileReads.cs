using Microsoft.Win32.SafeHandles;

namespace Resurgam.Adapters.Files;

internal static class FileReads
{
    /// <returns>Fewer bytes than asked for at the end of the file.</returns>
    public static int ReadFully(SafeFileHandle handle, long offset, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(handle, buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }
}
