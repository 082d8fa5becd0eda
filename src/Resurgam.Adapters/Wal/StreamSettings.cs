using Resurgam.Core.Values;

namespace Resurgam.Adapters.Wal;

/// <summary>How one asset's stream goes through the spool to the store.</summary>
public record StreamSettings
{
    /// <summary>Name in the plan.</summary>
    public required string Asset { get; init; }

    /// <summary>The spool and its status: <c>STATE/wal/ASSET</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>The most that the spool may take on disk; null: no limit but the disk's.</summary>
    public ByteSize? SpoolLimit { get; init; }

    /// <summary>What is new goes to the store after this time at the latest.</summary>
    public TimeSpan ShipEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>… and earlier when so much has come …</summary>
    public ByteSize ShipSize { get; init; } = new(256 << 10);

    /// <summary>
    /// … but not more often than this: a busy server would else fill the store with small objects, whose syncs its commits wait for
    /// when the store is on the spool's disk.
    /// </summary>
    public TimeSpan ShipPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that says nothing for this long, though asked every second, is given up.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two attempts to reach a server or a store that fails.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After the order to stop: how long the rest of the spool may take to the store.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(10);
}
