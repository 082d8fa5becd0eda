using System.Globalization;
using System.Text;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>The options of <c>BASE_BACKUP</c>. The tablespace map is always asked for.</summary>
public sealed record BaseBackupOptions
{
    /// <summary>Stands in the backup_label file.</summary>
    public string Label { get; init; } = "resurgam";

    /// <summary>Start with an immediate checkpoint instead of waiting for the next spread one.</summary>
    public bool FastCheckpoint { get; init; } = true;

    /// <summary>The main archive ends with the WAL that the backup needs.</summary>
    public bool IncludeWal { get; init; }

    /// <summary>A backup manifest follows the archives.</summary>
    public bool Manifest { get; init; } = true;

    /// <summary>NONE, CRC32C, SHA224, SHA256, SHA384 or SHA512.</summary>
    public string ManifestChecksums { get; init; } = "CRC32C";

    /// <summary>Only blocks changed since the manifest that was uploaded before. PostgreSQL 17 and later.</summary>
    public bool Incremental { get; init; }

    /// <summary>The server checks the pages that it reads, where the cluster has checksums, and fails at the end.</summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>Bytes a second; what lies outside of the server's 32 kB to 1 GiB becomes that. Null: as fast as it goes.</summary>
    public ByteSize? MaxRate { get; init; }

    /// <summary>The server adds up sizes first: <see cref="TablespaceEntry.SizeKb"/> is then there.</summary>
    public bool Progress { get; init; }

    /// <summary>The command in the grammar of the server's version.</summary>
    internal string ToCommand(int serverVersion) =>
        serverVersion >= ServerVersions.V15 ? $"BASE_BACKUP ({string.Join(", ", Options())})" : LegacyCommand();

    private IEnumerable<string> Options()
    {
        yield return $"LABEL {SqlText.ReplicationLiteral(Label)}";
        yield return $"CHECKPOINT '{(FastCheckpoint ? "fast" : "spread")}'";
        yield return "TABLESPACE_MAP";
        // Without this the server waits for the archiver, which is no affair of ours: we have the WAL stream.
        yield return "WAIT false";
        if (Progress)
            yield return "PROGRESS";
        if (IncludeWal)
            yield return "WAL";
        if (Manifest)
            yield return $"MANIFEST 'yes', MANIFEST_CHECKSUMS {SqlText.ReplicationLiteral(ManifestChecksums)}";
        if (!VerifyChecksums)
            yield return "VERIFY_CHECKSUMS false";
        if (Incremental)
            yield return "INCREMENTAL";
        if (MaxRate is { } rate)
            yield return $"MAX_RATE {Kilobytes(rate)}";
    }

    /// <summary>PostgreSQL 14 knows only words in a fixed spelling, without parentheses.</summary>
    private string LegacyCommand()
    {
        var command = new StringBuilder("BASE_BACKUP LABEL ").Append(SqlText.ReplicationLiteral(Label));
        command.Append(Progress ? " PROGRESS" : "");
        command.Append(FastCheckpoint ? " FAST" : "");
        command.Append(IncludeWal ? " WAL" : "");
        command.Append(" NOWAIT");
        if (MaxRate is { } rate)
            command.Append(" MAX_RATE ").Append(Kilobytes(rate));
        command.Append(" TABLESPACE_MAP");
        command.Append(VerifyChecksums ? "" : " NOVERIFY_CHECKSUMS");
        if (Manifest)
            command.Append(" MANIFEST 'yes' MANIFEST_CHECKSUMS ").Append(SqlText.ReplicationLiteral(ManifestChecksums));
        return command.ToString();
    }

    private static string Kilobytes(ByteSize rate) =>
        Math.Clamp(rate.Bytes / 1024, 32, 1 << 20).ToString(CultureInfo.InvariantCulture);
}
