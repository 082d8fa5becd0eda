namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Tells beside the segments that were read ahead who reads them: so that a fetch need not read the plan to know.</summary>
/// <param name="PlanPath">Absolute.</param>
/// <param name="Asset">Its name in that plan.</param>
/// <param name="SocketPath">Where the feed listens.</param>
public sealed record FeedNotice(string PlanPath, string Asset, string SocketPath)
{
    internal const string FileName = "feed";

    private const int MaxBytes = 16 << 10;

    /// <param name="walDirectory">The server's <c>pg_wal</c>.</param>
    /// <returns>Null when there is none, and when it is half written.</returns>
    public static FeedNotice? Find(string walDirectory)
    {
        try
        {
            var path = Path.Combine(walDirectory, AheadFolder.Name, FileName);
            if (new FileInfo(path) is not { Exists: true, Length: <= MaxBytes })
                return null;
            return File.ReadAllText(path).Split('\n') is [var plan, var asset, var socket, ""]
                ? new FeedNotice(plan, asset, socket)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal string ToText() => $"{PlanPath}\n{Asset}\n{SocketPath}\n";
}
