using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Files.Verify;

/// <summary>What a verification that was killed has left in its folder.</summary>
public static class KilledVerification
{
    private const int Quit = 3; // SIGQUIT: a server's quickest end

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends a server that still runs on what was restored, and removes that.</summary>
    /// <param name="keepsData">What was restored stays, as it does after one that ended well.</param>
    /// <exception cref="IOException">Something cannot be removed.</exception>
    /// <exception cref="ResurgamException">A server does not end.</exception>
    public static async Task RemoveAsync(
        string folder,
        bool keepsData,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var data = Path.Combine(folder, "data");
        if (ClusterFolder.FindServer(data) is { } server)
        {
            _ = FileNative.Kill(server, Quit);
            var began = time.GetTimestamp();
            while (ClusterFolder.FindServer(data) is not null)
            {
                if (time.GetElapsedTime(began) > StopLimit)
                    throw Postgres.Restore.RestoreProblems.Running(data, server);
                await Task.Delay(PollInterval, time, cancellationToken);
            }
        }
        if (!keepsData)
            FolderRemoval.Remove(folder);
    }
}
