using Resurgam.Core.Predictions;
using Resurgam.Core.Readiness;

namespace Resurgam.Adapters.Readiness;

/// <summary>Whether what is restored to a folder would find room there.</summary>
public static class RestoreSpace
{
    /// <param name="folder">Absolute; need not exist.</param>
    /// <param name="neededBytes">Of the whole snapshot.</param>
    /// <returns>Null when there is room, or nobody can tell.</returns>
    public static AssetFinding? Find(string folder, long neededBytes)
    {
        var there = folder;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent)
            there = parent;
        try
        {
            var free = new DriveInfo(there).AvailableFreeSpace;
            return free < neededBytes ? ReadinessFindings.NoSpace(folder, free, neededBytes) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // not to be seen for this user: the restore itself will tell
        }
    }
}
