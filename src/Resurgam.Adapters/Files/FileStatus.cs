using System.Runtime.InteropServices;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files;

/// <summary>What the file system knows of one path, links not followed. Times in nanoseconds, which .NET does not offer.</summary>
internal sealed record FileStatus
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int PermissionMask = 0xFFF;
    private const int NoEntry = 2;
    private const int NotAFolder = 20;

    public required NodeType Type { get; init; }

    /// <summary>Permission bits with setuid, setgid and sticky: 12 bits.</summary>
    public required uint Mode { get; init; }

    public required uint UserId { get; init; }
    public required uint GroupId { get; init; }
    public required ulong Inode { get; init; }
    public required ulong DeviceId { get; init; }

    /// <summary>Of a device node.</summary>
    public required ulong Device { get; init; }

    public required ulong Links { get; init; }
    public required long SizeBytes { get; init; }

    /// <summary>Blocks of 512 bytes that are allocated: fewer than the size needs in a sparse file.</summary>
    public required long Blocks { get; init; }

    public required UnixTime ModifiedAt { get; init; }
    public required UnixTime AccessedAt { get; init; }
    public required UnixTime ChangedAt { get; init; }

    /// <returns>Null when there is nothing at the path.</returns>
    /// <exception cref="IOException">The path cannot be looked at.</exception>
    public static FileStatus? Find(string path)
    {
        // The C library wants bytes: names need not be UTF-8.
        byte[] name = [.. FileNames.Encode(path), 0];
        if (FileNative.Statx(CurrentFolder, name, DoNotFollow, BasicStats, out var status) == 0)
            return From(status);
        var errno = Marshal.GetLastPInvokeError();
        return errno is NoEntry or NotAFolder ? null : throw Stores.Errno.Of(errno, $"look at {path}");
    }

    /// <summary>Looks at an entry of an open folder.</summary>
    /// <returns>Null when there is no such entry.</returns>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStatus? Find(SafeHandle folder, string name)
    {
        byte[] bytes = [.. FileNames.Encode(name), 0];
        if (FileNative.Statx(folder, bytes, DoNotFollow, BasicStats, out var status) == 0)
            return From(status);
        var errno = Marshal.GetLastPInvokeError();
        return errno is NoEntry or NotAFolder ? null : throw Stores.Errno.Of(errno, $"look at {name}");
    }

    /// <summary>Looks at what a path leads to: links are followed.</summary>
    /// <returns>Null when it leads nowhere.</returns>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStatus? FindTarget(string path)
    {
        byte[] name = [.. FileNames.Encode(path), 0];
        if (FileNative.Statx(CurrentFolder, name, 0, BasicStats, out var status) == 0)
            return From(status);
        var errno = Marshal.GetLastPInvokeError();
        return errno is NoEntry or NotAFolder ? null : throw Stores.Errno.Of(errno, $"look at {path}");
    }

    /// <summary>Looks at an open file.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStatus Of(SafeHandle file) =>
        FileNative.Statx(file, [0], EmptyPath, BasicStats, out var status) == 0
            ? From(status)
            : throw Stores.Errno.Last("look at an open file");

    /// <summary>The node that a snapshot keeps; name, content and link target are the caller's.</summary>
    public TreeNode ToNode(string name, UserNames names) =>
        new()
        {
            Name = name,
            Type = Type,
            Mode = Mode,
            ModifiedAt = ModifiedAt,
            AccessedAt = AccessedAt,
            ChangedAt = ChangedAt,
            UserId = UserId,
            GroupId = GroupId,
            User = names.UserOf(UserId),
            Group = names.GroupOf(GroupId),
            Inode = Inode,
            DeviceId = DeviceId,
            Device = Device,
            Links = Links,
            SizeBytes = Type == NodeType.File ? SizeBytes : 0,
        };

    private static FileStatus From(in FileNative.StatxResult status) =>
        new()
        {
            Type = TypeOf(status.Mode & TypeMask),
            Mode = (uint)(status.Mode & PermissionMask),
            UserId = status.UserId,
            GroupId = status.GroupId,
            Inode = status.Inode,
            DeviceId = MakeDevice(status.DeviceMajor, status.DeviceMinor),
            Device = MakeDevice(status.RawDeviceMajor, status.RawDeviceMinor),
            Links = status.Links,
            SizeBytes = (long)status.Size,
            Blocks = (long)status.Blocks,
            ModifiedAt = new UnixTime(status.Modified.Seconds, (int)status.Modified.Nanoseconds),
            AccessedAt = new UnixTime(status.Accessed.Seconds, (int)status.Accessed.Nanoseconds),
            ChangedAt = new UnixTime(status.Changed.Seconds, (int)status.Changed.Nanoseconds),
        };

    private static NodeType TypeOf(int format) =>
        format switch
        {
            0x8000 => NodeType.File,
            0x4000 => NodeType.Directory,
            0xA000 => NodeType.SymbolicLink,
            0x6000 => NodeType.Device,
            0x2000 => NodeType.CharacterDevice,
            0x1000 => NodeType.Fifo,
            0xC000 => NodeType.Socket,
            _ => throw new IOException($"a file of the unknown type {format:x}"),
        };

    /// <summary>The type as <c>st_mode</c> has it.</summary>
    public static uint FormatOf(NodeType type) =>
        type switch
        {
            NodeType.File => 0x8000,
            NodeType.Directory => 0x4000,
            NodeType.SymbolicLink => 0xA000,
            NodeType.Device => 0x6000,
            NodeType.CharacterDevice => 0x2000,
            NodeType.Fifo => 0x1000,
            NodeType.Socket => 0xC000,
        };

    /// <summary>As glibc's makedev: the number that restic keeps.</summary>
    private static ulong MakeDevice(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000) << 32)
        | ((ulong)(major & 0xfff) << 8)
        | ((ulong)(minor & 0xffffff00) << 12)
        | (minor & 0xff);
}
