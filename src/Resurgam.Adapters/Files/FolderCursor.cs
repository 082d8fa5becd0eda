namespace Resurgam.Adapters.Files;

/// <summary>Goes from folder to folder below a root, one name after the other. Not thread-safe.</summary>
internal sealed class FolderCursor(FolderHandle root) : IDisposable
{
    private FolderHandle? _at;
    private string _path = "";

    /// <param name="path">Below the root, without a slash in front; empty: the root.</param>
    /// <returns>
    /// Valid until the next call; null when there is no such folder: a link or a file on the way is none.
    /// </returns>
    /// <exception cref="IOException">A folder on the way cannot be opened.</exception>
    public FolderHandle? Find(string path)
    {
        if (path.Length == 0)
            return root;
        if (_at is not null && path == _path)
            return _at;
        var isBelow =
            _at is not null
            && path.Length > _path.Length
            && path[_path.Length] == '/'
            && path.StartsWith(_path, StringComparison.Ordinal);
        var (folder, left) = isBelow ? (_at, path[(_path.Length + 1)..]) : (root, path);
        foreach (var name in left.Split('/'))
        {
            var next = folder?.FindFolder(name);
            if (folder != root && folder != _at)
                folder?.Dispose();
            folder = next;
            if (folder is null)
                return null;
        }
        _at?.Dispose();
        (_at, _path) = (folder, path);
        return folder;
    }

    /// <exception cref="IOException">There is no such folder.</exception>
    public FolderHandle Get(string path) =>
        Find(path) ?? throw new DirectoryNotFoundException($"the folder {root.PathOf(path)} is gone");

    public void Dispose() => _at?.Dispose();
}
