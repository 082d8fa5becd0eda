namespace Resurgam.Core.Vaults.Format;

/// <summary>A snapshot file, opened and unpacked: what was captured, when, and its root directory.</summary>
public sealed record SnapshotDocument
{
    public required UnixTime Time { get; init; }

    /// <summary>Id of the tree blob of the root directory.</summary>
    public required BlobId Tree { get; init; }

    public IReadOnlyList<string> Paths { get; init; } = [];

    public string Hostname { get; init; } = "";

    public string Username { get; init; } = "";

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public IReadOnlyList<string> Excludes { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The snapshot that this one was compared with.</summary>
    public BlobId? Parent { get; init; }

    /// <summary>The snapshot that this one was rewritten from.</summary>
    public BlobId? Original { get; init; }

    public string? ProgramVersion { get; init; }

    public byte[] Write() => throw new NotSupportedException();

    public static SnapshotDocument Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}
