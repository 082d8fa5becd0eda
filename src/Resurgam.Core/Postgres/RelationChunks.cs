namespace Resurgam.Core.Postgres;

/// <summary>How relation files are cut.</summary>
public static class RelationChunks
{
    public const int PageBytes = 8192;

    /// <summary>Four pages: after a light load a chunk of this size is half as much new data as one of 64 KiB.</summary>
    public const int DefaultBytes = 32 << 10;

    /// <summary>From here on the index of the chunks costs more than smaller chunks save.</summary>
    private const long LargeClusterBytes = 200L << 30;

    /// <summary>Fixed inside a generation: the parent's, when there is one.</summary>
    public static int BytesFor(long clusterBytes, int? parentBytes) =>
        parentBytes ?? (clusterBytes > LargeClusterBytes ? 2 * DefaultBytes : DefaultBytes);
}
