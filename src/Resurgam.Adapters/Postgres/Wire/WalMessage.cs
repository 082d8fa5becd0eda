using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wire;

public enum WalMessageKind
{
    /// <summary>A piece of WAL.</summary>
    Data,

    /// <summary>A sign of life.</summary>
    Keepalive,
}

/// <summary>One message of a WAL stream.</summary>
/// <param name="Kind">Which of the fields below mean something.</param>
/// <param name="ServerEnd">Where the server's WAL ends at this moment.</param>
/// <param name="SentAt">By the server's clock.</param>
public readonly record struct WalMessage(WalMessageKind Kind, Lsn ServerEnd, DateTimeOffset SentAt)
{
    /// <summary>Data: position of the first of <see cref="Bytes"/>.</summary>
    public Lsn Start { get; init; }

    /// <summary>Data: the WAL, valid until the receiver is asked for the next message. Never empty.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Keepalive: the server ends the connection soon if it gets no status.</summary>
    public bool ReplyRequested { get; init; }

    /// <summary>Data: position behind the last of <see cref="Bytes"/>.</summary>
    public Lsn End => Start + (ulong)Bytes.Length;
}
