using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Files;

/// <summary>File calls of the C library that .NET does not offer. Paths are bytes with a zero at the end.</summary>
internal static partial class FileNative
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(int folder, byte[] path, int flags, uint mask, out StatxResult result);

    [LibraryImport(Library, EntryPoint = "lchown", SetLastError = true)]
    public static partial int Lchown(byte[] path, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "chmod", SetLastError = true)]
    public static partial int Chmod(byte[] path, uint mode);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int Utimensat(int folder, byte[] path, Timespec[] times, int flags);

    [LibraryImport(Library, EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncFileRange(int file, long offset, long length, uint flags);

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
