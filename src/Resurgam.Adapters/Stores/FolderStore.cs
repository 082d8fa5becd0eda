using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Resurgam.Adapters.Files;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores;

/// <summary>A store in a folder of a file system with atomic renames.</summary>
/// <remarks>
/// An object is written beside (<c>tmp/</c>), synced, moved into place without replacing, and its folder synced: when
/// <see cref="PutAsync"/> returns it survives a power cut, and a reader never sees half of it.
/// </remarks>
public sealed class FolderStore : IStore, IStagingStore
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>An object of this length is worth a thread.</summary>
    private const int LargeBytes = 1 << 20;

    private readonly string _root;
    private readonly IEntropy _entropy;

    /// <summary>
    /// The root as it was first used, and the descriptor in it. A file system that is unmounted, or a folder that is moved away,
    /// leaves another one or none behind: what was put there would be lost to the store. One that is mounted again may have other
    /// numbers, and is known by its descriptor.
    /// </summary>
    private volatile UsedRoot? _used;

    /// <summary>Folders whose inner folders are durable.</summary>
    private readonly ConcurrentDictionary<string, bool> _synced = new(StringComparer.Ordinal);

    private int _writers;

    /// <param name="root">Absolute path; made when something is put and it is not there.</param>
    public FolderStore(string root, IEntropy entropy)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _entropy = entropy;
    }

    public string Name => $"file://{_root}";

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return RunAsync(bytes.Length, () => Put(key, path, bytes), cancellationToken);
    }

    public async Task<Task<bool>> StageAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        var path = PathOf(key);
        var staged = await RunAsync(bytes.Length, () => Stage(key, path, bytes), cancellationToken);
        return PublishAsync(staged, bytes.Length);
    }

    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        using var file = Open(key);
        if (file is null)
            return null;
        try
        {
            var bytes = new byte[RandomAccess.GetLength(file)];
            var read = await FillAsync(file, bytes, 0, cancellationToken);
            return read == bytes.Length ? bytes : bytes[..read];
        }
        catch (IOException e)
        {
            throw StoreProblems.Failed(Name, $"read {key}", e);
        }
    }

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        using var file = Open(key);
        if (file is null)
            return -1;
        try
        {
            return await FillAsync(file, buffer, offset, cancellationToken);
        }
        catch (IOException e)
        {
            throw StoreProblems.Failed(Name, $"read {key}", e);
        }
    }

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        using var file = Open(key);
        return Task.FromResult(
            file is null
                ? null
                : new StoreObject(
                    key,
                    RandomAccess.GetLength(file),
                    new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero)
                )
        );
    }

    public async IAsyncEnumerable<StoreObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Whole folders of the prefix narrow the walk; its last, partial segment filters.
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        var start = new DirectoryInfo(Path.Combine(_root, folder));
        foreach (var item in Walk(start, folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (item.Key.StartsWith(prefix, StringComparison.Ordinal))
                yield return item;
        }
        await Task.CompletedTask;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        try
        {
            File.Delete(path);
            DirectorySync.Flush(Path.GetDirectoryName(path) ?? _root);
        }
        catch (Exception e) when (IsAbsent(e) || Directory.Exists(path))
        {
            // Absent already, with its folder; or a folder of other keys.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreProblems.Refused(Name, $"delete {key}", e);
        }
        return Task.CompletedTask;
    }

    private bool Put(string key, string path, ReadOnlyMemory<byte> bytes)
    {
        using var staged = Stage(key, path, bytes);
        return Publish(staged);
    }

    private async Task<bool> PublishAsync(Staged staged, int lengthBytes)
    {
        using (staged)
            return await RunAsync(lengthBytes, () => Publish(staged), CancellationToken.None); // cheaper published than lost
    }

    /// <summary>
    /// A large object waits for the disk most of its time. The pool has a thread a processor and adds others slowly: on threads of
    /// their own, several wait at once from the start.
    /// </summary>
    private static Task<T> RunAsync<T>(int lengthBytes, Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            work,
            cancellationToken,
            TaskCreationOptions.DenyChildAttach
                | (lengthBytes < LargeBytes ? TaskCreationOptions.None : TaskCreationOptions.LongRunning),
            TaskScheduler.Default
        );

    /// <summary>Writes the object beside, unless it is there.</summary>
    private Staged Stage(string key, string path, ReadOnlyMemory<byte> bytes) =>
        Wrapped(
            key,
            () =>
            {
                RefuseAnotherRoot();
                EnsureFolder(Path.GetDirectoryName(path) ?? _root);
                NoteRoot();
                return new Staged(key, path, File.Exists(path) ? null : WriteTemporary(bytes.Span));
            }
        );

    /// <summary>Makes it durable and moves it into place.</summary>
    /// <returns>False when another is there.</returns>
    private bool Publish(Staged staged) =>
        Wrapped(
            staged.Key,
            () =>
            {
                var isNew = staged.Temporary?.TryMoveTo(staged.Path) == true;
                // Of one that is there the writer may have died between its move and its sync.
                DirectorySync.Flush(Path.GetDirectoryName(staged.Path) ?? _root);
                return isNew;
            }
        );

    private T Wrapped<T>(string key, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (IOException e) when (Errno.IsNoSpace(e))
        {
            throw StoreProblems.Full(Name, key, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw StoreProblems.Refused(Name, $"write {key}", e);
        }
        catch (IOException e)
        {
            throw Errno.IsReadOnly(e)
                ? StoreProblems.Refused(Name, $"write {key}", e)
                : StoreProblems.Failed(Name, $"write {key}", e);
        }
    }

    private void NoteRoot() => _used ??= FindRoot() is { } root ? new UsedRoot(root, FindDescriptor()) : null;

    private void RefuseAnotherRoot()
    {
        if (_used is not { } used)
            return;
        var now = FindRoot() ?? throw StoreProblems.NoStore(Name);
        if ((now.DeviceId, now.Inode) == (used.Status.DeviceId, used.Status.Inode))
            return;
        if (used.Descriptor is not { } descriptor || FindDescriptor()?.AsSpan().SequenceEqual(descriptor) != true)
            throw StoreProblems.NoStore(Name);
        _used = used with { Status = now };
    }

    private byte[]? FindDescriptor()
    {
        var path = Path.Combine(_root, VaultDescriptor.Key);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>Links are followed.</summary>
    private FileStatus? FindRoot() => FileStatus.Find($"{_root}/.");

    private TemporaryFile WriteTemporary(ReadOnlySpan<byte> bytes)
    {
        var folder = Path.Combine(_root, StoreKey.Temporary);
        EnsureFolder(folder);
        Span<byte> unique = stackalloc byte[12];
        _entropy.Fill(unique);
        TemporaryFile file = new(Path.Combine(folder, Convert.ToHexStringLower(unique)));
        try
        {
            // A second one at a time would wait for the first one's disk; the page cache takes it at once.
            file.Write(bytes, isDirect: Interlocked.Increment(ref _writers) == 1);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _writers);
        }
    }

    /// <summary>Makes a folder and those above it, each durable before something is put into it.</summary>
    private void EnsureFolder(string folder)
    {
        if (Path.GetDirectoryName(folder) is not { } parent)
            return;
        var exists = Directory.Exists(folder);
        // One of ours that is there may be of a process that was killed before its sync: the first to use it here makes sure.
        if (exists && (folder.Length <= _root.Length || _synced.ContainsKey(parent)))
            return;
        if (!exists)
        {
            EnsureFolder(parent);
            foreach (var sibling in SiblingsOf(folder))
                Directory.CreateDirectory(sibling, FolderMode);
        }
        DirectorySync.Flush(parent);
        _synced[parent] = true;
    }

    /// <summary>The folder; and where it is one of 256 by two digits of a hash, all of them: one sync of their parent serves all.</summary>
    private static IEnumerable<string> SiblingsOf(string folder) =>
        Path.GetFileName(folder) is { Length: 2 } name && name.All(char.IsAsciiHexDigitLower)
            ? Enumerable
                .Range(0, 256)
                .Select(number => Path.Combine(Path.GetDirectoryName(folder) ?? "", number.ToString("x2", null)))
            : [folder];

    private SafeFileHandle? Open(string key)
    {
        try
        {
            var file = File.OpenHandle(PathOf(key));
            NoteRoot();
            return file;
        }
        catch (Exception e) when (IsAbsent(e) || Directory.Exists(PathOf(key)))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreProblems.Refused(Name, $"read {key}", e);
        }
    }

    private static async ValueTask<int> FillAsync(
        SafeFileHandle file,
        Memory<byte> buffer,
        long offset,
        CancellationToken cancellationToken
    )
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = await RandomAccess.ReadAsync(file, buffer[total..], offset + total, cancellationToken);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }

    /// <summary>Depth first, in the ordinal order of whole keys: a folder sorts as its name with a slash.</summary>
    private IEnumerable<StoreObject> Walk(DirectoryInfo folder, string prefix)
    {
        foreach (var (key, item) in ItemsOf(folder, prefix))
        {
            switch (item)
            {
                case DirectoryInfo { Name: StoreKey.Temporary } when prefix.Length == 0:
                    break;
                case DirectoryInfo inner:
                    foreach (var deeper in Walk(inner, key))
                        yield return deeper;
                    break;
                case FileInfo { Exists: true } file:
                    yield return Describe(key, file);
                    break;
            }
        }
    }

    /// <summary>Nothing when the folder is absent, or went while we came.</summary>
    private List<(string Key, FileSystemInfo Item)> ItemsOf(DirectoryInfo folder, string prefix)
    {
        try
        {
            return
            [
                .. folder
                    .EnumerateFileSystemInfos()
                    .Select(item => (Key: prefix + item.Name + (item is DirectoryInfo ? "/" : ""), Item: item))
                    .OrderBy(item => item.Key, StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (IsAbsent(e))
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreProblems.Refused(Name, $"list {prefix}", e);
        }
    }

    private static bool IsAbsent(Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException || (e is IOException io && Errno.IsAbsent(io));

    private static StoreObject Describe(string key, FileInfo file) =>
        new(key, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));

    private string PathOf(string key)
    {
        StoreKey.Check(key);
        return Path.Combine(_root, key);
    }

    private sealed record UsedRoot(FileStatus Status, byte[]? Descriptor);

    /// <param name="Temporary">Null: the object is there already.</param>
    private sealed record Staged(string Key, string Path, TemporaryFile? Temporary) : IDisposable
    {
        public void Dispose() => Temporary?.Dispose();
    }

    /// <summary>A new file that is deleted unless it was moved into its place.</summary>
    private sealed class TemporaryFile(string path) : IDisposable
    {
        private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        private bool _isMoved;

        public void Write(ReadOnlySpan<byte> bytes, bool isDirect)
        {
            File.SetUnixFileMode(_file, UnixFileMode.UserRead);
            var written = isDirect ? DirectWrite.TryWriteStart(_file, bytes) : 0;
            RandomAccess.Write(_file, bytes[written..], written);
        }

        /// <returns>False when something is there.</returns>
        public bool TryMoveTo(string target)
        {
            RandomAccess.FlushToDisk(_file);
            _file.Dispose(); // some file systems write, or find that they cannot, only now
            return _isMoved = AtomicMove.WithoutReplacing(path, target);
        }

        public void Dispose()
        {
            _file.Dispose();
            try
            {
                if (!_isMoved)
                    File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is no object, and what went wrong before is what counts.
            }
        }
    }
}
