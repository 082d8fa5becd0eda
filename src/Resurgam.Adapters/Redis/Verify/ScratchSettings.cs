using System.Globalization;
using Resurgam.Adapters.Redis.Restore;

namespace Resurgam.Adapters.Redis.Verify;

/// <summary>How a copy under verification runs: alone, seen by nobody, writing no data of its own.</summary>
internal static class ScratchSettings
{
    private const int UsualDatabases = 16;

    public static IReadOnlyList<(string Name, string Value)> For(string data, RedisRestoreResult restored)
    {
        var record = restored.Record;
        // A server with fewer databases than its file refuses it.
        var databases = record.Databases is { Count: > 0 } known ? known.Max(each => each.Database) + 1 : 0;
        List<(string Name, string Value)> settings =
        [
            ("dir", data),
            ("dbfilename", restored.DataFile),
            ("appendonly", record.HasAppendOnly ? "yes" : "no"),
            ("save", ""),
            ("databases", Math.Max(UsualDatabases, databases).ToString(CultureInfo.InvariantCulture)),
            ("aof-load-truncated", "no"),
            ("auto-aof-rewrite-percentage", "0"),
            ("maxmemory", "0"),
        ];
        if (restored.Manifest is { } manifest)
        {
            settings.Add(("appenddirname", Path.GetDirectoryName(manifest) ?? ""));
            settings.Add(("appendfilename", Path.GetFileNameWithoutExtension(manifest)));
        }
        return settings;
    }
}
