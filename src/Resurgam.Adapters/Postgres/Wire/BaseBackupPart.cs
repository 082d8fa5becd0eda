namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>A piece of a base backup, in the order in which the server sends them.</summary>
public abstract record BaseBackupPart
{
    private BaseBackupPart() { }

    /// <param name="Name"><c>base.tar</c>, or <c>OID.tar</c> of a tablespace.</param>
    /// <param name="Tablespace">Folder of the tablespace on the server; null for the data directory.</param>
    /// <param name="Tar">Whole, with end blocks. Read forward, asynchronously, before the next part.</param>
    public sealed record Archive(string Name, string? Tablespace, Stream Tar) : BaseBackupPart;

    /// <param name="Json">The backup manifest, byte for byte.</param>
    public sealed record Manifest(Stream Json) : BaseBackupPart;
}

/// <param name="Oid">Null for the data directory.</param>
/// <param name="Location">Folder on the server; null for the data directory.</param>
/// <param name="SizeKb">An estimate, when progress was asked for.</param>
public sealed record TablespaceEntry(uint? Oid, string? Location, long? SizeKb);
