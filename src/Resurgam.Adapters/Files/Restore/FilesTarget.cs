using System.Collections.Concurrent;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>Regular files below a folder. Zeros are left out of new files, so that holes are holes again.</summary>
/// <param name="isDelta">What is there is compared and kept; else there is nothing, and every file is made anew.</param>
internal sealed class FilesTarget(
    FolderHandle root,
    IReadOnlyList<FileEntry> files,
    TargetMetadata metadata,
    bool isDelta
) : IRestoreTarget, IDisposable
{
    private const uint ReadAndWrite = 0x180; // 0600
    private const uint Readable = 0x100; // 0400
    private const int BlockBytes = 4096;

    private readonly ConcurrentBag<FolderCursor> _cursors = [];

    /// <summary>Files that held nothing before: what is not written is zero.</summary>
    private readonly bool[] _isNew = new bool[files.Count];

    /// <summary>Nothing is changed: what is there is only read.</summary>
    public bool OnlyCompares { get; init; }

    public bool Begin(int file) => OnlyCompares ? IsComparable(file) : Prepare(file);

    private bool IsComparable(int file) =>
        With(
            file,
            (cursor, path, node) =>
                cursor.Find(TreePath.ParentOf(path))?.Find(TreePath.NameOf(path)) is { SizeBytes: > 0 } there
                && IsUsable(there, node)
                && (there.Mode & Readable) != 0
        );

    private bool Prepare(int file) =>
        In(
            file,
            (folder, name, node) =>
            {
                var there = isDelta ? folder.Find(name) : null;
                if (there is not null && !IsUsable(there, node))
                {
                    folder.Remove(name);
                    there = null;
                }
                if (there is not null && (there.Mode & ReadAndWrite) != ReadAndWrite)
                    folder.ChangeMode(name, there.Mode | ReadAndWrite);
                _isNew[file] = there is null or { SizeBytes: 0 };
                if (there?.SizeBytes == node.SizeBytes)
                    return !_isNew[file];
                using var handle = there is null ? folder.Create(name) : folder.OpenToWrite(name);
                RandomAccess.SetLength(handle, node.SizeBytes);
                return !_isNew[file];
            }
        );

    public int Read(int file, long offset, Span<byte> buffer)
    {
        using var handle = In(file, (folder, name, _) => folder.OpenToRead(name));
        try
        {
            return FileReads.ReadFully(handle, offset, buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.From(PathOf(file), e);
        }
    }

    public IRestoreWriter OpenWriter() => new Writer(this);

    public void Complete(int file) =>
        In(
            file,
            (folder, name, node) =>
            {
                metadata.Apply(folder, name, node);
                return true;
            }
        );

    public void Dispose()
    {
        foreach (var cursor in _cursors)
            cursor.Dispose();
    }

    /// <summary>
    /// A file with more names than the snapshot knows of may be one that lies outside of the target, too: that one stays
    /// as it is.
    /// </summary>
    private static bool IsUsable(FileStatus there, TreeNode node) =>
        there.Type == NodeType.File && there.Links <= Math.Max(node.Links, 1);

    private string PathOf(int file) => root.PathOf(files[file].Path);

    private T In<T>(int file, Func<FolderHandle, string, TreeNode, T> work) =>
        With(file, (cursor, path, node) => work(cursor.Get(TreePath.ParentOf(path)), TreePath.NameOf(path), node));

    private T With<T>(int file, Func<FolderCursor, string, TreeNode, T> work)
    {
        var (path, node, _) = files[file];
        if (!_cursors.TryTake(out var cursor))
            cursor = new FolderCursor(root);
        try
        {
            return work(cursor, path, node);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.From(PathOf(file), e);
        }
        finally
        {
            _cursors.Add(cursor);
        }
    }

    private sealed class Writer(FilesTarget target) : IRestoreWriter
    {
        private WriteBehind? _written;
        private int _file = -1;

        public void Write(int file, long offset, ReadOnlySpan<byte> bytes)
        {
            if (file != _file)
                Open(file);
            try
            {
                if (target._isNew[file])
                    WriteWithHoles(offset, bytes);
                else
                    _written?.Write(offset, bytes);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw TargetProblems.From(target.PathOf(file), e);
            }
        }

        public void Dispose() => _written?.Dispose();

        private void Open(int file)
        {
            _written?.Dispose();
            _written = new WriteBehind(target.In(file, (folder, name, _) => folder.OpenToWrite(name)));
            _file = file;
        }

        /// <summary>Writes runs of blocks that are not zero.</summary>
        private void WriteWithHoles(long offset, ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                var zeros = bytes.IndexOfAnyExcept((byte)0);
                if (zeros < 0)
                    return;
                // From the block that the first other byte is in: a hole is made of whole blocks.
                var skipped = (int)Math.Max(0, zeros - (offset + zeros) % BlockBytes);
                offset += skipped;
                bytes = bytes[skipped..];
                var length = LengthUntilHole(offset, bytes);
                _written?.Write(offset, bytes[..length]);
                offset += length;
                bytes = bytes[length..];
            }
        }

        /// <returns>Bytes up to the next block that is all zero.</returns>
        private static int LengthUntilHole(long offset, ReadOnlySpan<byte> bytes)
        {
            var at = (int)Math.Min(bytes.Length, BlockBytes - offset % BlockBytes);
            while (at < bytes.Length)
            {
                var block = bytes.Slice(at, Math.Min(BlockBytes, bytes.Length - at));
                if (!block.ContainsAnyExcept((byte)0))
                    return at;
                at += block.Length;
            }
            return bytes.Length;
        }
    }
}
