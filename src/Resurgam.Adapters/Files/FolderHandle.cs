using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files;

/// <summary>
/// An open folder and what can be done to its entries, by name. No symbolic link is followed, names may have any bytes,
/// and no path is too long. Everything throws <see cref="IOException"/> when the system refuses.
/// </summary>
internal sealed class FolderHandle : IDisposable
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const int RemoveFolderFlag = 0x200;
    private const int LongestTarget = 4096;

    private readonly SafeFileHandle _handle;

    private FolderHandle(SafeFileHandle handle, string path) => (_handle, Path) = (handle, path);

    /// <summary>For messages.</summary>
    public string Path { get; }

    /// <summary>Links in the path are followed: whoever named it meant where it leads.</summary>
    public static FolderHandle Open(string path)
    {
        var flags = OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.CloseOnExec;
        var file = FileNative.OpenAt(CurrentFolder, Bytes(path), flags, 0);
        return file < 0 ? throw Errno.Last($"open {path}") : new(new SafeFileHandle(file, ownsHandle: true), path);
    }

    /// <returns>Null when there is no such entry, or it is no folder.</returns>
    public FolderHandle? FindFolder(string name)
    {
        var flags = OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        var file = FileNative.OpenAt(_handle, Bytes(name), flags, 0);
        if (file >= 0)
            return new FolderHandle(new SafeFileHandle(file, ownsHandle: true), PathOf(name));
        var refused = Errno.Last($"open {PathOf(name)}");
        return Errno.IsAbsent(refused) ? null : throw refused;
    }

    /// <summary>Names of all entries, in the file system's order.</summary>
    public List<string> ReadNames()
    {
        const int nameAt = 19;
        using var reading = OpenSelf();
        List<string> names = [];
        var buffer = new byte[32 << 10];
        while (true)
        {
            var length = (int)FileNative.ReadEntries(reading, buffer, buffer.Length);
            if (length < 0)
                throw Errno.Last($"read the folder {Path}");
            if (length == 0)
                return names;
            for (var at = 0; at < length; )
            {
                var entry = buffer.AsSpan(at, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16)));
                var name = entry[nameAt..];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(FileNames.Decode(name));
                at += entry.Length;
            }
        }
    }

    /// <returns>Null when there is no such entry.</returns>
    public FileStatus? Find(string name) => FileStatus.Find(_handle, name);

    public string ReadLink(string name)
    {
        var target = new byte[LongestTarget];
        var length = FileNative.ReadLinkAt(_handle, Bytes(name), target, target.Length);
        return length < 0
            ? throw Errno.Last($"read the link {PathOf(name)}")
            : FileNames.Decode(target.AsSpan(0, (int)length));
    }

    /// <summary>Opens a file for reading, if possible without a trace in its access time.</summary>
    public SafeFileHandle OpenToRead(string name)
    {
        // Non-blocking: what was a file a moment ago may be a fifo now.
        var flags = OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.CloseOnExec;
        var file = FileNative.OpenAt(_handle, Bytes(name), flags | OpenFlags.NoAccessTime, 0);
        if (file < 0)
            file = FileNative.OpenAt(_handle, Bytes(name), flags, 0); // that flag is for owners only
        return file < 0 ? throw Errno.Last($"open {PathOf(name)}") : new SafeFileHandle(file, ownsHandle: true);
    }

    public SafeFileHandle OpenToWrite(string name) => OpenToWrite(name, 0);

    /// <summary>A new file, for us alone until it gets its mode. One that is there is an error.</summary>
    public SafeFileHandle Create(string name) => OpenToWrite(name, OpenFlags.Create | OpenFlags.Exclusive);

    public void Remove(string name) => Check(FileNative.UnlinkAt(_handle, Bytes(name), 0), $"remove {PathOf(name)}");

    /// <summary>Only an empty one goes.</summary>
    public void RemoveFolder(string name) =>
        Check(FileNative.UnlinkAt(_handle, Bytes(name), RemoveFolderFlag), $"remove the folder {PathOf(name)}");

    public void MakeFolder(string name, uint mode) =>
        Check(FileNative.MakeFolderAt(_handle, Bytes(name), mode), $"make the folder {PathOf(name)}");

    public void MakeSymbolicLink(string name, string target) =>
        Check(FileNative.SymbolicLinkAt(Bytes(target), _handle, Bytes(name)), $"make the link {PathOf(name)}");

    /// <summary>A second name for the file <paramref name="existing"/> of the folder <paramref name="of"/>.</summary>
    public void MakeHardLink(string name, FolderHandle of, string existing) =>
        Check(
            FileNative.LinkAt(of._handle, Bytes(existing), _handle, Bytes(name), 0),
            $"link {PathOf(name)} to {of.PathOf(existing)}"
        );

    /// <param name="typeAndMode">As <c>st_mode</c> has it.</param>
    public void MakeNode(string name, uint typeAndMode, ulong device) =>
        Check(FileNative.MakeNodeAt(_handle, Bytes(name), typeAndMode, device), $"make {PathOf(name)}");

    public void ChangeOwner(string name, uint user, uint group) =>
        Check(
            FileNative.ChangeOwnerAt(_handle, Bytes(name), user, group, DoNotFollow),
            $"change the owner of {PathOf(name)}"
        );

    public void ChangeMode(string name, uint mode) =>
        Check(FileNative.ChangeModeAt(_handle, Bytes(name), mode, DoNotFollow), $"change the mode of {PathOf(name)}");

    public void ChangeTimes(string name, UnixTime accessed, UnixTime modified)
    {
        FileNative.Timespec[] times = [Of(accessed), Of(modified)];
        Check(FileNative.Utimensat(_handle, Bytes(name), times, DoNotFollow), $"change the times of {PathOf(name)}");
    }

    /// <returns>In the file system's order; empty where it has none.</returns>
    public List<ExtendedAttribute> ReadAttributes(string name)
    {
        var path = ThroughProcess(name);
        List<ExtendedAttribute> attributes = [];
        foreach (var attribute in ListAttributes(path, name))
            if (ReadSized(value => FileNative.GetAttribute(path, Bytes(attribute), value, value.Length)) is { } value)
                attributes.Add(new ExtendedAttribute(attribute, value));
        return attributes;
    }

    public void SetAttribute(string name, ExtendedAttribute attribute) =>
        Check(
            FileNative.SetAttribute(
                ThroughProcess(name),
                Bytes(attribute.Name),
                attribute.Value.ToArray(),
                attribute.Value.Length,
                0
            ),
            $"set the attribute {attribute.Name} of {PathOf(name)}"
        );

    public void RemoveAttribute(string name, string attribute) =>
        Check(
            FileNative.RemoveAttribute(ThroughProcess(name), Bytes(attribute)),
            $"remove the attribute {attribute} of {PathOf(name)}"
        );

    /// <summary>Opens the folder itself, to list or to sync it.</summary>
    public SafeFileHandle OpenSelf()
    {
        var file = FileNative.OpenAt(_handle, Bytes("."), OpenFlags.Folder | OpenFlags.CloseOnExec, 0);
        return file < 0 ? throw Errno.Last($"read the folder {Path}") : new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>Makes everything durable that is on the file system of an open file.</summary>
    public static void SyncFileSystem(SafeFileHandle file) =>
        Check(FileNative.SyncFileSystem(file), "sync a file system");

    /// <summary>Makes the names of the folder's entries durable.</summary>
    public void Sync()
    {
        using var self = OpenSelf();
        Check(FileNative.Sync(self), $"sync the folder {Path}");
    }

    /// <summary>For messages, too.</summary>
    public string PathOf(string name)
    {
        var printable = FileNames.ToPrintable(name);
        return Path.EndsWith('/') ? Path + printable : $"{Path}/{printable}";
    }

    public void Dispose() => _handle.Dispose();

    private SafeFileHandle OpenToWrite(string name, int more)
    {
        const uint ownerOnly = 0x180; // 0600
        var flags = OpenFlags.WriteOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.CloseOnExec | more;
        var file = FileNative.OpenAt(_handle, Bytes(name), flags, ownerOnly);
        return file < 0 ? throw Errno.Last($"open {PathOf(name)}") : new SafeFileHandle(file, ownsHandle: true);
    }

    private List<string> ListAttributes(byte[] path, string name)
    {
        const int notSupported = 95;
        var names = ReadSized(buffer => FileNative.ListAttributes(path, buffer, buffer.Length));
        if (names is null)
            return Marshal.GetLastPInvokeError() is notSupported or NoAttribute
                ? []
                : throw Errno.Last($"list the attributes of {PathOf(name)}");
        return [.. FileNames.Decode(names).Split('\0', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Extended attributes have no calls that take an open folder: the kernel's own name for it stands in.</summary>
    private byte[] ThroughProcess(string name) => Bytes($"/proc/self/fd/{_handle.DangerousGetHandle()}/{name}");

    private const int NoAttribute = 61;
    private const int BufferTooSmall = 34;

    /// <summary>Calls again with more room until the value fits.</summary>
    /// <returns>Null when the call fails otherwise; the error number is kept.</returns>
    private static byte[]? ReadSized(Func<byte[], nint> read)
    {
        for (var size = 256; ; size = 64 << 10)
        {
            var buffer = new byte[size];
            var length = read(buffer);
            if (length >= 0)
                return buffer[..(int)length];
            if (Marshal.GetLastPInvokeError() != BufferTooSmall || size == 64 << 10)
                return null;
        }
    }

    private static void Check(int result, string doing)
    {
        if (result < 0)
            throw Errno.Last(doing);
    }

    private static byte[] Bytes(string text) => [.. FileNames.Encode(text), 0];

    private static FileNative.Timespec Of(UnixTime time) =>
        new() { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
}
