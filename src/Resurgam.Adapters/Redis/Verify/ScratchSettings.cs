using Resurgam.Adapters.Redis.Restore;

namespace Resurgam.Adapters.Redis.Verify;

/// <summary>How a copy under verification runs: alone, seen by nobody, writing no data of its own.</summary>
internal static class ScratchSettings
{
    public static IReadOnlyList<(string Name, string Value)> For(string data, RedisRestoreResult restored) =>
        [
            .. DataSettings.For(data, restored),
            ("save", ""),
            ("aof-load-truncated", "no"),
            ("auto-aof-rewrite-percentage", "0"),
            ("maxmemory", "0"),
        ];
}
