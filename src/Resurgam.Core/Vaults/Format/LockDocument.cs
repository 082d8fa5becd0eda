namespace Resurgam.Core.Vaults.Format;

/// <summary>A lock file, opened and unpacked. Stale after 30 minutes.</summary>
public sealed record LockDocument
{
    public required UnixTime Time { get; init; }

    public required bool Exclusive { get; init; }

    public string Hostname { get; init; } = "";

    public string Username { get; init; } = "";

    public int Pid { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public byte[] Write() => throw new NotSupportedException();

    public static LockDocument Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}
