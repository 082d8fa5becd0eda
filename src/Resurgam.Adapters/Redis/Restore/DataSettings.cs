using System.Globalization;

namespace Resurgam.Adapters.Redis.Restore;

/// <summary>What a server has to be told so that it loads a restored data directory.</summary>
internal static class DataSettings
{
    private const int UsualDatabases = 16;
    private const string UsualFile = "dump.rdb";

    public static IReadOnlyList<(string Name, string Value)> For(string data, RedisRestoreResult restored)
    {
        var record = restored.Record;
        // A server with fewer databases than its file refuses it.
        var databases = Math.Max(
            restored.Replayed?.HighestDatabase ?? 0,
            record.Databases is { Count: > 0 } known ? known.Max(each => each.Database) : 0
        );
        List<(string Name, string Value)> settings =
        [
            ("dir", data),
            ("dbfilename", Path.GetFileName(restored.DataFile) ?? UsualFile),
            ("appendonly", restored.Manifest is not null || record.HasAppendOnly ? "yes" : "no"),
            ("databases", Math.Max(UsualDatabases, databases + 1).ToString(CultureInfo.InvariantCulture)),
        ];
        if (restored.Manifest is { } manifest)
        {
            settings.Add(("appenddirname", Path.GetDirectoryName(manifest) ?? ""));
            settings.Add(("appendfilename", Path.GetFileNameWithoutExtension(manifest)));
        }
        return settings;
    }
}
