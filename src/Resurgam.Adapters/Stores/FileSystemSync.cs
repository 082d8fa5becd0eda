namespace Resurgam.Adapters.Stores;

/// <summary>Makes everything on a file system durable in one call: far cheaper than a sync for each of many files.</summary>
internal static class FileSystemSync
{
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;

    /// <param name="path">Any file or folder on it.</param>
    /// <exception cref="IOException">Something could not be written.</exception>
    public static void Flush(string path)
    {
        var file = Native.Open(path, OpenReadOnly | OpenCloseOnExec, 0);
        if (file < 0)
            throw Errno.Last($"open {path}");
        try
        {
            if (Native.SyncFileSystem(file) < 0)
                throw Errno.Last($"sync the file system of {path}");
        }
        finally
        {
            Native.Close(file);
        }
    }
}
