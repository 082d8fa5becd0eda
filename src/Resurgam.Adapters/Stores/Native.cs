using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Stores;

/// <summary>The calls of the C library that .NET does not offer.</summary>
internal static partial class Native
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(SafeHandle file, int command, int argument);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(int file);

    /// <summary>Syncs the content and the length, without the times: half the work of fsync on a file of fixed length.</summary>
    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FsyncData(SafeHandle file);

    /// <returns>An error number, 0 for none; it does not set errno.</returns>
    [LibraryImport(Library, EntryPoint = "posix_fallocate")]
    public static partial int Allocate(SafeHandle file, long offset, long length);

    /// <summary>Of <see cref="Advise"/>: what the page cache has of the file may go, so that a reading is one of the disk.</summary>
    public const int WillNotNeed = 4;

    [LibraryImport(Library, EntryPoint = "posix_fadvise")]
    public static partial int Advise(int file, long offset, long length, int advice);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(int file);

    [LibraryImport(Library, EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt2(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);

    [LibraryImport(Library, EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string source, string target);
}
