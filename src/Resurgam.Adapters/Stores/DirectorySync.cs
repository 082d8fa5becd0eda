namespace Resurgam.Adapters.Stores;

/// <summary>Makes the entries of a folder durable: .NET has no call for it.</summary>
internal static class DirectorySync
{
    private const int OpenReadOnly = 0;
    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;

    /// <exception cref="IOException">The folder is gone or the disk refused.</exception>
    public static void Flush(string folder)
    {
        var file = Native.Open(folder, OpenReadOnly | OpenDirectory | OpenCloseOnExec, 0);
        if (file < 0)
            throw Errno.Last($"open folder {folder}");
        try
        {
            if (Native.Fsync(file) < 0)
                throw Errno.Last($"sync folder {folder}");
        }
        finally
        {
            Native.Close(file);
        }
    }
}
