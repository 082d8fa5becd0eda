using Resurgam.Core.Wal;

namespace Resurgam.Core.Vaults.Replicas;

/// <param name="Key">In the target alone.</param>
/// <param name="CoverKey">The larger object of the source that holds the same WAL.</param>
internal sealed record CoveredWal(string Key, string CoverKey);

/// <summary>Finds WAL that one of two places has merged: objects of the one that lie wholly inside an object of the other.</summary>
/// <remarks>Gets a listing in its order, and looks at 16 MiB of a timeline at a time: no object crosses such a border.</remarks>
/// <param name="missing">Gets what the target lacks and is in no larger object of it.</param>
internal sealed class WalWindow(Action<StoreObject> missing)
{
    private readonly List<CoveredWal> _covered = [];
    private readonly List<(WalObjectName Name, StoreObject? Here, StoreObject? There)> _objects = [];
    private string _folder = "";
    private string _window = "";

    public IReadOnlyList<CoveredWal> Covered => _covered;

    public void Add(string folder, WalObjectName name, StoreObject? here, StoreObject? there)
    {
        var window = WalObjectName.WindowPrefix(name.Timeline, name.Start);
        if (folder != _folder || window != _window)
        {
            Close();
            (_folder, _window) = (folder, window);
        }
        _objects.Add((name, here, there));
    }

    /// <summary>No more objects come.</summary>
    public void Close()
    {
        foreach (var (name, here, there) in _objects)
        {
            if (here is null && there is not null)
            {
                var cover = _objects.Find(other => other.Here is not null && Covers(other.Name, name)).Here;
                if (cover is not null)
                    _covered.Add(new CoveredWal(there.Key, cover.Key));
            }
            else if (here is not null && there is null)
            {
                // Merged in the target: what is covered there already was let go there, or soon will be.
                if (!_objects.Exists(other => other is { Here: null, There: not null } && Covers(other.Name, name)))
                    missing(here);
            }
        }
        _objects.Clear();
    }

    private static bool Covers(WalObjectName larger, WalObjectName smaller) =>
        larger != smaller && larger.Start <= smaller.Start && larger.End >= smaller.End;
}
