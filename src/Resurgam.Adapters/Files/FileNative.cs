using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Files;

/// <summary>File calls of the C library that .NET does not offer. Paths are bytes with a zero at the end.</summary>
internal static partial class FileNative
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(int folder, byte[] path, int flags, uint mask, out StatxResult result);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(SafeHandle folder, byte[] path, int flags, uint mask, out StatxResult result);

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int folder, byte[] path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(SafeHandle folder, byte[] path, int flags, uint mode);

    /// <summary>Reads entries of a folder as <c>struct linux_dirent64</c>: inode (8), offset (8), length (2), type (1), name.</summary>
    [LibraryImport(Library, EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint ReadEntries(SafeHandle folder, byte[] buffer, nint length);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(SafeHandle folder, byte[] path, byte[] buffer, nint length);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeFolderAt(SafeHandle folder, byte[] path, uint mode);

    [LibraryImport(Library, EntryPoint = "mknodat", SetLastError = true)]
    public static partial int MakeNodeAt(SafeHandle folder, byte[] path, uint mode, ulong device);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int SymbolicLinkAt(byte[] target, SafeHandle folder, byte[] path);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(SafeHandle folder, byte[] path, SafeHandle newFolder, byte[] newPath, int flags);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeHandle folder, byte[] path, int flags);

    [LibraryImport(Library, EntryPoint = "fchownat", SetLastError = true)]
    public static partial int ChangeOwnerAt(SafeHandle folder, byte[] path, uint user, uint group, int flags);

    [LibraryImport(Library, EntryPoint = "fchmodat", SetLastError = true)]
    public static partial int ChangeModeAt(SafeHandle folder, byte[] path, uint mode, int flags);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int Utimensat(SafeHandle folder, byte[] path, Timespec[] times, int flags);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(SafeHandle file);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeHandle file);

    [LibraryImport(Library, EntryPoint = "llistxattr", SetLastError = true)]
    public static partial nint ListAttributes(byte[] path, byte[] names, nint length);

    [LibraryImport(Library, EntryPoint = "lgetxattr", SetLastError = true)]
    public static partial nint GetAttribute(byte[] path, byte[] name, byte[] value, nint length);

    [LibraryImport(Library, EntryPoint = "lsetxattr", SetLastError = true)]
    public static partial int SetAttribute(byte[] path, byte[] name, byte[] value, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "lremovexattr", SetLastError = true)]
    public static partial int RemoveAttribute(byte[] path, byte[] name);

    [LibraryImport(Library, EntryPoint = "lchown", SetLastError = true)]
    public static partial int Lchown(byte[] path, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "chmod", SetLastError = true)]
    public static partial int Chmod(byte[] path, uint mode);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int Utimensat(int folder, byte[] path, Timespec[] times, int flags);

    [LibraryImport(Library, EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncFileRange(int file, long offset, long length, uint flags);

    [LibraryImport(Library, EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint UserId();

    [LibraryImport(Library, EntryPoint = "getegid")]
    public static partial uint GroupId();

    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary><c>struct statx</c> of the kernel: the same on every processor.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct StatxResult
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint UserId;
        public uint GroupId;
        public ushort Mode;
        public ushort Padding;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public StatxTime Accessed;
        public StatxTime Born;
        public StatxTime Changed;
        public StatxTime Modified;
        public uint RawDeviceMajor;
        public uint RawDeviceMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Padding;
    }
}
