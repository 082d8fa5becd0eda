using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Wal;

/// <summary>What the watchdog of synchronous commits last said, which may outlive the stream.</summary>
/// <param name="IsSynchronous">Whether commits wait for us; null when that is not known.</param>
/// <param name="Problem">Why it cannot do its work.</param>
public sealed record WatchdogWord(int ProcessId, DateTimeOffset UpdatedAt, bool? IsSynchronous, Problem? Problem)
{
    public const string FileName = "watchdog.json";

    /// <summary>It says a word every second, and the server may let it wait for five.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(10);

    public bool IsFreshAt(DateTimeOffset now) => (now - UpdatedAt).Duration() < StaleAfter;

    /// <returns>Null when none ever watched here.</returns>
    public static WatchdogWord? Find(string folder) =>
        WordFile.Find(Path.Combine(folder, FileName), WalStreamJson.Default.WatchdogWord);

    internal void Write(string folder)
    {
        try
        {
            WordFile.Write(Path.Combine(folder, FileName), this, WalStreamJson.Default.WatchdogWord);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder may be gone: what it does counts more than what it says, and the age of its last word tells.
        }
    }
}
