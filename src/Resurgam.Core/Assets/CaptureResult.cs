using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Assets;

/// <summary>What a capture says of itself, whatever the asset.</summary>
/// <param name="BytesRead">Plain bytes of all files of the snapshot, read or known to be unchanged.</param>
/// <param name="BytesNew">Plain bytes that the vault did not have.</param>
/// <param name="BytesStored">Bytes that the store grew by.</param>
/// <param name="Findings">What is wrong with the source, in words: the snapshot is whole but for these. Empty is good.</param>
public sealed record CaptureResult(
    SnapshotEntry Snapshot,
    long BytesRead,
    long BytesNew,
    long BytesStored,
    IReadOnlyList<string> Findings
)
{
    public CaptureMode Mode { get; init; }

    /// <summary>The WAL that the snapshot holds itself; null for anything but a cluster.</summary>
    public WalRange? Wal { get; init; }

    /// <summary>How it went, where that is worth a word; nothing of it makes the snapshot worse.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>How a snapshot, which is always a full one, came about.</summary>
public enum CaptureMode
{
    /// <summary>Everything was looked at.</summary>
    Full,

    /// <summary>The source sent what has changed since the parent; the rest was taken over.</summary>
    Incremental,
}
