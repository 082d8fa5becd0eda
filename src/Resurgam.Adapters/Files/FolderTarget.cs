using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files;

/// <param name="Path">Absolute.</param>
internal sealed record TargetFile(string Path, TreeNode Node, (uint User, uint Group)? Owner);

/// <summary>Regular files that a restore writes, each of which may lie anywhere.</summary>
/// <param name="isDelta">What is there is compared and kept; else every file is made anew.</param>
internal sealed class FolderTarget(IReadOnlyList<TargetFile> files, bool isDelta) : IRestoreTarget
{
    public bool Begin(int file)
    {
        var (path, node, _) = files[file];
        return Wrapped(
            path,
            () =>
            {
                var isThere = isDelta && FileStatus.Find(path) is { Type: NodeType.File, SizeBytes: > 0 };
                var mode = isThere ? FileMode.Open : FileMode.Create;
                using var handle = File.OpenHandle(path, mode, FileAccess.Write);
                if (RandomAccess.GetLength(handle) != node.SizeBytes)
                    RandomAccess.SetLength(handle, node.SizeBytes);
                return isThere;
            }
        );
    }

    public int Read(int file, long offset, Span<byte> buffer)
    {
        try
        {
            using var handle = File.OpenHandle(files[file].Path);
            return FileReads.ReadFully(handle, offset, buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.Refused(files[file].Path, e);
        }
    }

    public IRestoreWriter OpenWriter() => new Writer(files);

    public void Complete(int file)
    {
        var (path, node, owner) = files[file];
        Wrapped(
            path,
            () =>
            {
                FileMetadata.Apply(path, node, owner);
                return true;
            }
        );
    }

    private static T Wrapped<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.From(path, e);
        }
    }

    private sealed class Writer(IReadOnlyList<TargetFile> files) : IRestoreWriter
    {
        private WriteBehind? _written;
        private int _file = -1;

        public void Write(int file, long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                if (file != _file)
                    Open(file);
                _written?.Write(offset, bytes);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw TargetProblems.From(files[file].Path, e);
            }
        }

        public void Dispose() => _written?.Dispose();

        private void Open(int file)
        {
            _written?.Dispose();
            _written = new WriteBehind(
                File.OpenHandle(files[file].Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)
            );
            _file = file;
        }
    }
}
