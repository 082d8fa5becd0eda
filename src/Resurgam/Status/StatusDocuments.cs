using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Status;

/// <summary>What <c>status</c> prints.</summary>
/// <param name="Safe">No finding is a risk.</param>
/// <param name="Vault">Id of the vault; null for a plain restic repository.</param>
/// <param name="Findings">About the vault itself.</param>
internal sealed record StatusDocument(
    bool Safe,
    DateTimeOffset At,
    string Plan,
    string PlanHash,
    string? Vault,
    string Store,
    IReadOnlyList<AssetStatusView> Assets,
    IReadOnlyList<FindingView> Findings
)
{
    /// <summary>How far each replica is behind; null where nobody asked them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReplicaStateView>? Replicas { get; init; }

    /// <summary>How far each place has been read back; null where nobody asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ScrubView>? Scrubs { get; init; }

    public static StatusDocument Of(Plan plan, string? vaultId, string store, VaultStatus status) =>
        new(
            status.IsSafe,
            status.At,
            plan.Name,
            plan.Hash,
            vaultId,
            store,
            [.. status.Assets.Select(AssetStatusView.Of)],
            [.. status.Findings.Select(FindingView.Of)]
        );
}

/// <param name="Verified">The newest snapshot that has passed a verification.</param>
/// <param name="VerifiedPoint">The newest moment that has been proven.</param>
/// <param name="RecoveryPoint">The moment to which the asset could be brought back now; null: to none.</param>
/// <param name="Loss">What would be lost at most; null: everything.</param>
/// <param name="Recovery">How long its recovery would take; null while nothing was measured.</param>
internal sealed record AssetStatusView(
    string Asset,
    string Kind,
    bool Safe,
    SnapshotPointView? Newest,
    SnapshotPointView? Verified,
    DateTimeOffset? VerifiedAt,
    DateTimeOffset? VerifiedPoint,
    DateTimeOffset? RecoveryPoint,
    TimeSpan? Loss,
    TimeSpan? LossObjective,
    TimeSpan? LossMargin,
    RecoveryView? Recovery,
    TimeSpan? RecoveryObjective,
    TimeSpan? RecoveryMargin,
    long? WalBytes,
    IReadOnlyList<FindingView> Findings
)
{
    public static AssetStatusView Of(AssetPrediction prediction) =>
        new(
            prediction.Facts.Asset.Value,
            prediction.Facts.Kind,
            !prediction.IsAtRisk,
            SnapshotPointView.Of(prediction.Newest),
            SnapshotPointView.Of(prediction.Verified),
            prediction.VerifiedAt,
            prediction.VerifiedPoint,
            prediction.RecoveryPoint,
            prediction.Loss,
            prediction.Facts.LossObjective,
            prediction.LossMargin,
            prediction.Recovery is { } recovery ? RecoveryView.Of(recovery, prediction.Steps) : null,
            prediction.Facts.RecoveryObjective,
            prediction.RecoveryMargin,
            prediction.WalBytes,
            [.. prediction.Findings.Select(FindingView.Of)]
        );
}

internal sealed record SnapshotPointView(BlobId Snapshot, DateTimeOffset Time)
{
    public static SnapshotPointView? Of(SnapshotFact? fact) =>
        fact is null ? null : new SnapshotPointView(fact.Id, fact.TakenAt);
}

/// <param name="Measurements">How many are behind the step that has the fewest.</param>
/// <param name="CriticalPath">In its order.</param>
internal sealed record RecoveryView(
    TimeSpan Likely,
    TimeSpan Least,
    TimeSpan Most,
    int Measurements,
    IReadOnlyList<StepEstimateView> CriticalPath
)
{
    public static RecoveryView Of(Estimate sum, IReadOnlyList<StepEstimate> steps) =>
        new(
            sum.Likely,
            sum.Least,
            sum.Most,
            sum.Samples,
            [
                .. steps.Select(step => new StepEstimateView(
                    step.Step,
                    step.Time.Likely,
                    step.Time.Least,
                    step.Time.Most,
                    step.Time.Samples
                )),
            ]
        );
}

internal sealed record StepEstimateView(string Step, TimeSpan Likely, TimeSpan Least, TimeSpan Most, int Measurements);

/// <param name="Risk">False: worth knowing, and no reason for an alarm.</param>
internal sealed record FindingView(string Code, bool Risk, string What, string Hint)
{
    public static FindingView Of(AssetFinding finding) => new(finding.Code, finding.IsRisk, finding.What, finding.Hint);
}

[JsonSerializable(typeof(StatusDocument))]
internal sealed partial class StatusDocuments : JsonSerializerContext
{
    public static readonly StatusDocuments Json = new(CliJson.NewOptions());
}
