using Resurgam.Adapters.Wal;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>How one cluster's WAL is streamed.</summary>
public sealed record WalStreamSettings : StreamSettings
{
    /// <summary>The replication slot, and the name that <c>synchronous_standby_names</c> knows us by.</summary>
    public required string Slot { get; init; }

    /// <summary>
    /// How long commits may wait for us before we leave the synchronous set; null: for ever, as PostgreSQL itself does.
    /// </summary>
    public TimeSpan? SynchronousWait { get; init; }

    /// <summary>When the stream was opened, by which its watchdog knows it from the next one.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    /// <summary>Go on behind WAL that the server has removed, or on another branch; a new base backup is needed then.</summary>
    public bool AcceptGap { get; init; }
}
