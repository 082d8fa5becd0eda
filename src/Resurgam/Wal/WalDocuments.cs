using System.Text.Json.Serialization;
using Resurgam.Adapters.Wal;
using Resurgam.Cli;

namespace Resurgam.Wal;

/// <summary>What the stream's process last said of itself.</summary>
internal sealed record WalStreamView(
    string Asset,
    string? Slot,
    string State,
    int ProcessId,
    DateTimeOffset UpdatedAt,
    uint? Timeline,
    string? ReceivedLsn,
    string? SpooledLsn,
    string? ShippedLsn,
    DateTimeOffset? LastCommitInSpool,
    DateTimeOffset? LastCommitInStore,
    long SpoolBytes,
    bool? IsSynchronous,
    IReadOnlyList<string> Problems
)
{
    /// <summary>Its process lives; it may wait for its server, or for room.</summary>
    public bool IsAliveAt(DateTimeOffset now) =>
        State != nameof(WalStreamState.Stopped) && WalStreamStatus.IsFresh(UpdatedAt, now);

    public static WalStreamView Of(WalStreamStatus status) =>
        new(
            status.Asset,
            status.Slot,
            status.State.ToString(),
            status.ProcessId,
            status.UpdatedAt,
            status.Timeline,
            status.ReceivedLsn,
            status.SpooledLsn,
            status.ShippedLsn,
            status.SpoolCommitAt,
            status.StoreCommitAt,
            status.SpoolBytes,
            status.IsSynchronous,
            [
                .. new[]
                {
                    status.StreamProblem?.What,
                    status.StoreProblem?.What,
                    status.ServerProblem?.What,
                    status.WatchdogProblem?.What,
                    status.Damage,
                }.OfType<string>(),
            ]
        );
}

/// <summary>What <c>wal status</c> prints.</summary>
/// <param name="LossOfDatabase">What would be lost now with the database, this machine being left.</param>
/// <param name="LossOfSite">What would be lost now with everything but the store.</param>
internal sealed record WalStatusDocument(
    string Asset,
    DateTimeOffset At,
    bool IsStreaming,
    LossView LossOfDatabase,
    LossView LossOfSite,
    WalStreamView? Stream,
    WalServerView? Server,
    string? StoreEnd,
    IReadOnlyList<string> Gaps,
    IReadOnlyList<string> Problems
)
{
    /// <summary>Gaps that the newest snapshot of a cluster lies behind: what happened in them cannot be reached, all since can.</summary>
    public IReadOnlyList<string> CoveredGaps { get; init; } = [];

    /// <summary>Of a Redis server: the times to which it can be brought back, oldest first. Absent for a cluster.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RecoverySpanView>? RecoveryPoints { get; init; }
}

/// <summary>What <c>wal status</c> prints of databases that are captured by SQL.</summary>
/// <param name="NewestSnapshot">What they come back as of; null: there is none.</param>
/// <param name="LossSeconds">Its age; null: everything would be lost.</param>
internal sealed record WalElsewhereDocument(
    string Asset,
    DateTimeOffset At,
    DateTimeOffset? NewestSnapshot,
    double? LossSeconds
)
{
    /// <summary>Always: the provider keeps the WAL, and its own point-in-time recovery may lose less.</summary>
    public bool WalIsElsewhere { get; } = true;
}

/// <summary>Any time between these two, both included.</summary>
internal sealed record RecoverySpanView(DateTimeOffset From, DateTimeOffset Until);

/// <param name="Bytes">Null: not known.</param>
/// <param name="Seconds">Age of the newest record that is safe; null: not known.</param>
internal sealed record LossView(long? Bytes, double? Seconds);

/// <param name="WalState">As PostgreSQL has it: reserved, extended, unreserved, lost.</param>
/// <param name="RetainedBytes">WAL that the server keeps for the slot.</param>
internal sealed record WalServerView(
    string End,
    string? SyncState,
    bool HasSlot,
    bool IsActive,
    string? WalState,
    string? RestartLsn,
    long? RetainedBytes
);

/// <summary>What <c>wal fetch</c> prints.</summary>
/// <param name="Found">False: the vault has no such file, and recovery ends there.</param>
internal sealed record WalFetchDocument(string File, string Target, bool Found);

/// <summary>What the ledger says of a gap.</summary>
/// <param name="UntilOffset">Absent when the server counts anew.</param>
internal sealed record StreamGapDocument(
    string Asset,
    DateTimeOffset From,
    DateTimeOffset Until,
    long FromOffset,
    long? UntilOffset
);

[JsonSerializable(typeof(StreamGapDocument))]
[JsonSerializable(typeof(WalStreamView))]
[JsonSerializable(typeof(WalStatusDocument))]
[JsonSerializable(typeof(WalFetchDocument))]
[JsonSerializable(typeof(WalElsewhereDocument))]
internal sealed partial class WalDocuments : JsonSerializerContext
{
    public static readonly WalDocuments Json = new(CliJson.NewOptions());
}
