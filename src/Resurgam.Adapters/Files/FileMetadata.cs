using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files;

/// <summary>Gives a restored path the owner, mode and times of its node. Links are not followed.</summary>
internal static class FileMetadata
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;

    /// <param name="owner">User and group to give it to; null: it stays whose it is.</param>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Apply(string path, TreeNode node, (uint User, uint Group)? owner)
    {
        byte[] name = [.. FileNames.Encode(path), 0];
        if (owner is { } to)
            ChangeOwner(path, to);
        // After the owner: changing that clears setuid and setgid.
        if (node.Type != NodeType.SymbolicLink && FileNative.Chmod(name, node.Mode) < 0)
            throw Stores.Errno.Last($"change the mode of {path}");
        FileNative.Timespec[] times = [Of(node.AccessedAt), Of(node.ModifiedAt)];
        if (FileNative.Utimensat(CurrentFolder, name, times, DoNotFollow) < 0)
            throw Stores.Errno.Last($"change the times of {path}");
    }

    /// <exception cref="IOException">The system refuses.</exception>
    public static void ChangeOwner(string path, (uint User, uint Group) owner)
    {
        if (FileNative.Lchown([.. FileNames.Encode(path), 0], owner.User, owner.Group) < 0)
            throw Stores.Errno.Last($"change the owner of {path}");
    }

    private static FileNative.Timespec Of(UnixTime time) =>
        new() { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
}
