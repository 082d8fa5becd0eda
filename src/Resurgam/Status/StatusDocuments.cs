using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Readiness;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Status;

/// <summary>What <c>status</c> prints.</summary>
/// <param name="Safe">No finding is a risk.</param>
/// <param name="Vault">Id of the vault; null for a plain restic repository.</param>
/// <param name="Scenarios">Of the plan; empty when only some assets were asked for.</param>
/// <param name="Next">When each schedule comes next, the soonest first, and no more than 100.</param>
/// <param name="Findings">About the vault itself.</param>
/// <param name="Readiness">What was open when a daemon last held the plan against what is really there.</param>
internal sealed record StatusDocument(
    bool Safe,
    DateTimeOffset At,
    string Plan,
    string PlanHash,
    string? Vault,
    string Store,
    IReadOnlyList<AssetStatusView> Assets,
    IReadOnlyList<ScenarioStatusView> Scenarios,
    IReadOnlyList<NextRunView> Next,
    IReadOnlyList<FindingView> Findings,
    IReadOnlyList<SubjectFindingView> Readiness
)
{
    private const int MostNext = 100;

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
            [.. status.Scenarios.Select(ScenarioStatusView.Of)],
            [.. status.Next.Take(MostNext).Select(NextRunView.Of)],
            [.. status.Findings.Select(FindingView.Of)],
            [.. status.Readiness.Select(SubjectFindingView.Of)]
        );
}

/// <param name="Subject">An asset, or <c>target NAME</c>, <c>runbook NAME</c>.</param>
internal sealed record SubjectFindingView(string Subject, FindingView Finding)
{
    public static SubjectFindingView Of(SubjectFinding each) => new(each.Subject, FindingView.Of(each.Finding));
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

/// <param name="Loss">Of the asset that loses most; null: everything, or it hits no data.</param>
/// <param name="HitsData">Whether it hits an asset whose data counts.</param>
/// <param name="Recovery">How long its runbook would take; null without one.</param>
internal sealed record ScenarioStatusView(
    string Scenario,
    string Title,
    bool Safe,
    bool HitsData,
    TimeSpan? Loss,
    TimeSpan? LossObjective,
    TimeSpan? LossMargin,
    ScenarioRecoveryView? Recovery,
    TimeSpan? RecoveryObjective,
    TimeSpan? RecoveryMargin,
    IReadOnlyList<FindingView> Findings
)
{
    public static ScenarioStatusView Of(ScenarioPrediction prediction) =>
        new(
            prediction.Scenario.Name,
            prediction.Scenario.Title,
            !prediction.IsAtRisk,
            prediction.HitsData,
            prediction.Loss,
            prediction.Scenario.Objectives.Rpo,
            prediction.LossMargin,
            prediction.Recovery is { } recovery
                ? new ScenarioRecoveryView(
                    recovery.Likely,
                    recovery.Least,
                    recovery.Most,
                    [.. prediction.CriticalPath.Select(ScenarioStepView.Of)]
                )
                : null,
            prediction.Scenario.Objectives.Rto,
            prediction.RecoveryMargin,
            [.. prediction.Findings.Select(FindingView.Of)]
        );
}

internal sealed record ScenarioRecoveryView(
    TimeSpan Likely,
    TimeSpan Least,
    TimeSpan Most,
    IReadOnlyList<ScenarioStepView> CriticalPath
);

/// <param name="From">Who says so: <c>asset</c> (its measured restores), <c>runs</c> (runs and drills of the runbook), <c>plan</c> (an estimate), <c>nobody</c>.</param>
internal sealed record ScenarioStepView(
    string Step,
    string Title,
    TimeSpan Likely,
    TimeSpan Least,
    TimeSpan Most,
    int Measurements,
    string From
)
{
    public static string NameOf(TimeSource source) =>
        source switch
        {
            TimeSource.Prediction => "asset",
            TimeSource.Runs => "runs",
            TimeSource.Plan => "plan",
            TimeSource.Nobody => "nobody",
        };

    public static ScenarioStepView Of(ScenarioStep step) =>
        new(
            step.Step.Value,
            step.Title,
            step.Time.Likely,
            step.Time.Least,
            step.Time.Most,
            step.Time.Samples,
            NameOf(step.Source)
        );
}

/// <param name="Do">As the plan has it: <c>backup</c>.</param>
/// <param name="Asset">Null: every asset that the work fits.</param>
internal sealed record NextRunView(string Schedule, string Do, string? Asset, string? Drill, DateTimeOffset At)
{
    public static NextRunView Of(NextRun next) =>
        new(next.Schedule.Name, next.Schedule.Do, next.Schedule.Asset, next.Schedule.Drill, next.At);
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
