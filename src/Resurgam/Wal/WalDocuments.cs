using System.Text.Json.Serialization;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Cli;

namespace Resurgam.Wal;

/// <summary>What the stream's process last said of itself.</summary>
internal sealed record WalStreamView(
    string Asset,
    string Slot,
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
);

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

[JsonSerializable(typeof(WalStreamView))]
[JsonSerializable(typeof(WalStatusDocument))]
internal sealed partial class WalDocuments : JsonSerializerContext
{
    public static readonly WalDocuments Json = new(CliJson.NewOptions());
}
