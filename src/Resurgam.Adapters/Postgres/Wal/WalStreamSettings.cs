using Resurgam.Core.Values;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>How one cluster's WAL is streamed.</summary>
public sealed record WalStreamSettings
{
    /// <summary>Name in the plan.</summary>
    public required string Asset { get; init; }

    /// <summary>The spool and its status: <c>STATE/wal/ASSET</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>The replication slot, and the name that <c>synchronous_standby_names</c> knows us by.</summary>
    public required string Slot { get; init; }

    /// <summary>
    /// How long commits may wait for us before we leave the synchronous set; null: for ever, as PostgreSQL itself does.
    /// </summary>
    public TimeSpan? SynchronousWait { get; init; }

    /// <summary>Go on behind WAL that the server has removed, or on another branch; a new base backup is needed then.</summary>
    public bool AcceptGap { get; init; }

    /// <summary>The most that the spool may take on disk; null: no limit but the disk's.</summary>
    public ByteSize? SpoolLimit { get; init; }

    /// <summary>New WAL goes to the store after this time at the latest.</summary>
    public TimeSpan ShipEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>… and earlier when so much has come …</summary>
    public ByteSize ShipSize { get; init; } = new(256 << 10);

    /// <summary>… but not more often than this: a busy server would else fill the store with small objects.</summary>
    public TimeSpan ShipPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A server that says nothing for this long, though asked every second, is given up.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two attempts to reach a server or a store that fails.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After the order to stop: how long the rest of the spool may take to the store.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(10);
}
