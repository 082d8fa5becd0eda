namespace Resurgam.Core.Postgres;

/// <summary>Which files of a data directory a base backup holds, and how they are read.</summary>
/// <remarks>
/// Source: PostgreSQL's manual, "Making a Base Backup Using the Low Level API" and the protocol's BASE_BACKUP: what is
/// rebuilt at start, what belongs to the running server, temporary and unlogged relations are left out.
/// </remarks>
public static class BackupRules
{
    private const string ConfigurationEnding = ".conf";

    /// <summary>How the server writes the data directory in its messages.</summary>
    private const string Root = "\"./";

    private static readonly HashSet<string> EmptyFolders =
    [
        "pg_dynshmem",
        "pg_notify",
        "pg_replslot",
        "pg_serial",
        "pg_snapshots",
        "pg_stat_tmp",
        "pg_subtrans",
        "pg_wal",
    ];

    private static readonly HashSet<string> LeftOutFiles =
    [
        "postmaster.pid",
        "postmaster.opts",
        "backup_label",
        "backup_label.old",
        "tablespace_map",
        "tablespace_map.old",
        "backup_manifest",
        "backup_manifest.tmp",
        "recovery.signal",
        "standby.signal",
        "current_logfiles",
        "current_logfiles.tmp",
        "postgresql.auto.conf.tmp",
        ".s.PGSQL.lock",
    ];

    /// <summary>True for a folder whose entry is kept and whose content is not.</summary>
    /// <param name="path">Below the data directory.</param>
    public static bool IsKeptEmpty(string path) => EmptyFolders.Contains(path);

    /// <summary>True for a file or folder that no backup holds.</summary>
    public static bool IsLeftOut(string path, string name) =>
        name.StartsWith("pgsql_tmp", StringComparison.Ordinal)
        || name.StartsWith("pg_internal.init", StringComparison.Ordinal)
        || (path == name && LeftOutFiles.Contains(name))
        || (IsInDatabase(path) && IsTemporaryRelation(name));

    /// <summary>A file that people write, at the root of the data directory: <c>postgresql.conf</c>, or one that it includes.</summary>
    /// <param name="path">Below the data directory.</param>
    public static bool IsConfiguration(string path) =>
        path.EndsWith(ConfigurationEnding, StringComparison.Ordinal)
        && !path.Contains('/', StringComparison.Ordinal)
        && path != "postgresql.auto.conf";

    /// <summary>Reads a server's warning of what it passes over, in whatever language: <c>skipping special file "./pg_hba.conf"</c>.</summary>
    /// <returns>Null when it is of nothing that people write.</returns>
    public static string? FindConfigurationInWarning(string warning)
    {
        var end = warning.LastIndexOf(ConfigurationEnding, StringComparison.Ordinal) + ConfigurationEnding.Length;
        var start = warning.IndexOf(Root, StringComparison.Ordinal) + Root.Length;
        return start >= Root.Length && end > start && IsConfiguration(warning[start..end]) ? warning[start..end] : null;
    }

    /// <summary>Reads the name of a relation's file: <c>16384</c>, <c>16384.1</c>, <c>16384_fsm</c>, <c>16384_init</c>.</summary>
    /// <returns>False for any other name.</returns>
    public static bool TryParseRelation(ReadOnlySpan<char> name, out RelationFile file)
    {
        file = default;
        var segment = 0u;
        var dot = name.IndexOf('.');
        if (dot >= 0)
        {
            if (!TryDigits(name[(dot + 1)..], out segment))
                return false;
            name = name[..dot];
        }
        var fork = name.IndexOf('_');
        var suffix = fork < 0 ? "" : name[(fork + 1)..];
        if (suffix is not ("" or "fsm" or "vm" or "init") || (fork >= 0 && suffix.IsEmpty))
            return false;
        if (!TryDigits(fork < 0 ? name : name[..fork], out var number))
            return false;
        file = new RelationFile(number, suffix is "init", segment);
        return true;
    }

    /// <summary>True for a file that is made of pages.</summary>
    /// <param name="path">Below the data directory.</param>
    public static bool IsRelation(string path)
    {
        var slash = Math.Max(path.LastIndexOf('/'), 0);
        return IsRelationFolder(path[..slash]) && TryParseRelation(path.AsSpan(slash + 1), out _);
    }

    /// <summary>True where relation files lie: <c>global/</c>, <c>base/OID/</c>, <c>pg_tblspc/OID/VERSION/OID/</c>.</summary>
    public static bool IsRelationFolder(string folder) => folder == "global" || IsInDatabase(folder + "/");

    private static bool IsInDatabase(string path)
    {
        var depth = path.Count(c => c == '/');
        return path.StartsWith("base/", StringComparison.Ordinal)
            ? depth >= 2
            : path.StartsWith("pg_tblspc/", StringComparison.Ordinal) && depth >= 4;
    }

    /// <summary><c>t3_16385</c>: of backend 3.</summary>
    private static bool IsTemporaryRelation(string name)
    {
        var bar = name.IndexOf('_');
        return name.StartsWith('t')
            && bar > 1
            && TryDigits(name.AsSpan(1, bar - 1), out _)
            && TryParseRelation(name.AsSpan(bar + 1), out _);
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out uint number)
    {
        number = 0;
        return !text.IsEmpty
            && !text.ContainsAnyExceptInRange('0', '9')
            && uint.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}

/// <param name="Number">The relation's file number.</param>
/// <param name="IsInit">The init fork: what an unlogged relation is reset to.</param>
/// <param name="Segment">0 for the first gigabyte.</param>
public readonly record struct RelationFile(uint Number, bool IsInit, uint Segment);
