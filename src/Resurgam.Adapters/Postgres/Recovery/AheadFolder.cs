using System.Text;
using Resurgam.Adapters.Files;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Segments that were read ahead wait beside the server's own WAL, where a rename brings them into place. Thread-safe.</summary>
/// <param name="walDirectory">The server's <c>pg_wal</c>; it need not be there yet.</param>
/// <param name="owner">Whose server it is; null: ours.</param>
public sealed class AheadFolder(string walDirectory, (uint User, uint Group)? owner) : IDisposable
{
    internal const string Name = "resurgam.ahead";
    private const uint OwnerOnly = 0x1C0; // 0700

    private readonly Lock _gate = new();
    private FolderHandle? _folder;
    private bool _isClosed;

    /// <returns>The file; null when the disk has no room or the place is not there: the bytes then go through the socket.</returns>
    internal string? TryStore(WalSegment segment, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosed)
                return null;
            try
            {
                var folder = _folder ??= Open();
                RemoveFrom(folder, segment.FileName);
                try
                {
                    // On its way to the disk by the time that the server syncs it, which all of the recovery waits for.
                    using (WriteBehind file = new(folder.Create(segment.FileName)))
                        file.Write(0, bytes);
                    if (owner is { } to)
                        folder.ChangeOwner(segment.FileName, to.User, to.Group);
                    return folder.PathOf(segment.FileName);
                }
                catch (IOException)
                {
                    RemoveFrom(folder, segment.FileName); // half a segment on a full disk is in the way
                    return null;
                }
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    internal void Remove(WalSegment segment)
    {
        lock (_gate)
            if (_folder is { } folder)
                RemoveFrom(folder, segment.FileName);
    }

    /// <summary>Tells every fetch of this server that the feed listens. Without room for it they take the long way.</summary>
    public void Announce(FeedNotice notice)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            try
            {
                var folder = _folder ??= Open();
                RemoveFrom(folder, FeedNotice.FileName);
                using var file = folder.Create(FeedNotice.FileName);
                RandomAccess.Write(file, Encoding.UTF8.GetBytes(notice.ToText()), 0);
            }
            catch (IOException)
            {
                // Half a notice is none.
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_folder is not { } folder)
                return;
            using (folder)
                Empty(folder);
            using var parent = FolderHandle.Open(walDirectory);
            parent.RemoveFolder(Name);
        }
    }

    private FolderHandle Open()
    {
        using var parent = FolderHandle.Open(walDirectory);
        if (parent.FindFolder(Name) is { } left)
        {
            Empty(left); // of a feed that was killed
            return left;
        }
        parent.MakeFolder(Name, OwnerOnly);
        if (owner is { } to)
            parent.ChangeOwner(Name, to.User, to.Group);
        return parent.FindFolder(Name) ?? throw new IOException($"{parent.PathOf(Name)} has vanished");
    }

    private static void Empty(FolderHandle folder)
    {
        foreach (var name in folder.ReadNames())
            folder.Remove(name);
    }

    private static void RemoveFrom(FolderHandle folder, string name)
    {
        if (folder.Find(name) is not null)
            folder.Remove(name);
    }
}
