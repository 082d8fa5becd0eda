using System.Diagnostics.CodeAnalysis;

namespace Resurgam.Core.Vaults.Format;

/// <summary>One entry of a directory.</summary>
public sealed record TreeNode
{
    /// <summary>Without a path; bytes that are not UTF-8 as in <see cref="FileNames"/>.</summary>
    public required string Name { get; init; }

    public required NodeType Type { get; init; }

    /// <summary>The low 12 bits of Unix <c>st_mode</c>: setuid 04000, setgid 02000, sticky 01000, permissions 0777.</summary>
    public uint Mode { get; init; }

    public UnixTime ModifiedAt { get; init; }

    public UnixTime AccessedAt { get; init; }

    /// <summary>Of the inode (<c>st_ctime</c>).</summary>
    public UnixTime ChangedAt { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>Null when unknown.</summary>
    public string? User { get; init; }

    /// <summary>Null when unknown.</summary>
    public string? Group { get; init; }

    /// <summary>With <see cref="DeviceId"/> what hard links are known by.</summary>
    public ulong Inode { get; init; }

    /// <summary>Of the file system that held the node (<c>st_dev</c>).</summary>
    public ulong DeviceId { get; init; }

    /// <summary>Of a file; 0 for everything else.</summary>
    public long SizeBytes { get; init; }

    public ulong Links { get; init; }

    /// <summary>Of a symbolic link; bytes that are not UTF-8 as in <see cref="FileNames"/>.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Of a device node (<c>st_rdev</c>).</summary>
    public ulong Device { get; init; }

    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    /// <summary>The data blobs of a file in order; empty for everything else.</summary>
    public ReadOnlyMemory<BlobId> Content { get; init; }

    /// <summary>The tree blob of a directory; null for everything else.</summary>
    public BlobId? Subtree { get; init; }
}

/// <param name="Name">With its namespace: <c>user.comment</c>.</param>
/// <param name="Value">Any bytes, or none.</param>
[SuppressMessage("Naming", "CA1711", Justification = "It is what file systems call it; no .NET attribute is meant.")]
public sealed record ExtendedAttribute(string Name, ReadOnlyMemory<byte> Value);
