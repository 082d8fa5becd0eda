using System.Globalization;

namespace Resurgam.Core.Postgres;

/// <summary>Where the files of a data directory lie in a snapshot's tree.</summary>
/// <remarks>
/// <c>pgdata/…</c>, and tablespaces in <c>tablespaces/OID/…</c>. The list of a folder's chunks is part of its tree blob,
/// so relation files of large clusters are spread over <c>pgdata</c>, <c>pgdata.1</c> … by their numbers: stable ones, so
/// that unchanged shards keep their trees. Joined, they are the data directory again (docs/adr/0005-sharded-trees.md).
/// </remarks>
/// <param name="Shards">A power of two; 1 for all but large clusters.</param>
public readonly record struct SnapshotLayout(int Shards)
{
    /// <summary>Where the data directory has a link to each tablespace, named by its OID.</summary>
    public const string TablespaceLinks = "pg_tblspc/";

    private const string Data = "pgdata";
    private const string Tablespaces = "tablespaces";

    /// <summary>Chunks in one tree blob that we aim at: 4 MiB of JSON.</summary>
    private const int ChunksPerShard = 1 << 16;

    private const int MostShards = 4096;

    /// <param name="sizeBytes">Size of the cluster.</param>
    /// <param name="parentShards">As the parent has it: changed only when it is far off, since that writes every tree anew.</param>
    public static SnapshotLayout For(long sizeBytes, int chunkBytes, int? parentShards)
    {
        var wanted = 1;
        while (wanted < MostShards && sizeBytes / chunkBytes / wanted > ChunksPerShard)
            wanted *= 2;
        return new SnapshotLayout(
            parentShards is { } shards && shards * 4 > wanted && wanted * 4 > shards ? shards : wanted
        );
    }

    /// <summary>From a path below the data directory to a path in the snapshot.</summary>
    public string ToTree(string path)
    {
        var shard = 0u;
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        if (Shards > 1 && BackupRules.TryParseRelation(name, out var relation))
            shard = unchecked(relation.Number + relation.Segment) % (uint)Shards;
        var suffix = shard == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{shard}");
        return IsInTablespace(path)
            ? $"{Tablespaces}{suffix}/{path[TablespaceLinks.Length..]}"
            : $"{Data}{suffix}/{path}";
    }

    /// <returns>The path below the data directory; null for what is no part of it, and for the roots.</returns>
    public static string? FromTree(string treePath)
    {
        var slash = treePath.IndexOf('/');
        if (slash < 0)
            return null;
        var root = treePath.AsSpan(0, slash);
        var dot = root.IndexOf('.');
        return (dot < 0 ? root : root[..dot]) switch
        {
            Data => treePath[(slash + 1)..],
            Tablespaces => TablespaceLinks + treePath[(slash + 1)..],
            _ => null,
        };
    }

    /// <summary>Below <c>pg_tblspc/OID/</c>.</summary>
    private static bool IsInTablespace(string path) =>
        path.StartsWith(TablespaceLinks, StringComparison.Ordinal) && path.AsSpan(TablespaceLinks.Length).Contains('/');
}
