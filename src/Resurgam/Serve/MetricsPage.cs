using System.Globalization;
using System.Text;
using Resurgam.Core.Predictions;

namespace Resurgam.Serve;

/// <summary>The daemon's metrics in Prometheus' text format 0.0.4; names and units as its conventions want them.</summary>
internal static class MetricsPage
{
    public static string Write(Daemon daemon)
    {
        var now = daemon.Time.GetUtcNow();
        StringBuilder page = new();
        var workers = daemon.Supervisor.Workers;
        Gauge(
            page,
            "resurgam_plan_valid",
            "1 when the plan file as it is now is followed.",
            [("", Number(daemon.PlanProblem is null))]
        );
        Gauge(
            page,
            "resurgam_worker_alive",
            "1 when the worker works.",
            workers.Select(worker => (Label("worker", worker.Name), Number(worker.IsAliveAt(now))))
        );
        Family(
            page,
            "resurgam_worker_restarts_total",
            "counter",
            "Failures of the worker since the daemon began with the plan.",
            workers.Select(worker => (Label("worker", worker.Name), (double?)worker.Restarts))
        );
        if (daemon.Sight is not { } seen || daemon.FindSightNow() is not { Status: var status })
            return page.ToString();
        Gauge(
            page,
            "resurgam_status_age_seconds",
            "Since the vault was looked at.",
            [("", (now - seen.Status.At).TotalSeconds)]
        );
        Gauge(page, "resurgam_safe", "1 when no finding is a risk.", [("", Number(status.IsSafe))]);
        foreach (var (name, help, value) in OfAssets)
            Gauge(page, name, help, status.Assets.Select(asset => (Asset(asset), value(asset, now))));
        Gauge(
            page,
            "resurgam_asset_finding",
            "1 for each finding that is open.",
            status.Assets.SelectMany(asset =>
                asset.Findings.Select(finding =>
                    (
                        $"{Asset(asset)},{Label("code", finding.Code)},{Label("risk", finding.IsRisk ? "true" : "false")}",
                        (double?)1
                    )
                )
            )
        );
        Gauge(
            page,
            "resurgam_readiness_finding",
            "1 for each finding that is open between the plan and what is really there.",
            status.Readiness.Select(each =>
                (
                    $"{Label("subject", each.Subject)},{Label("code", each.Finding.Code)},{Label("risk", each.Finding.IsRisk ? "true" : "false")}",
                    (double?)1
                )
            )
        );
        foreach (var (name, help, value) in OfScenarios)
            Gauge(
                page,
                name,
                help,
                status.Scenarios.Select(each => (Label("scenario", each.Scenario.Name), value(each)))
            );
        return page.ToString();
    }

    private static readonly (string Name, string Help, Func<ScenarioPrediction, double?> Value)[] OfScenarios =
    [
        (
            "resurgam_scenario_safe",
            "1 when no finding of the scenario is a risk.",
            scenario => Number(!scenario.IsAtRisk)
        ),
        (
            "resurgam_scenario_predicted_loss_seconds",
            "What it would cost of the asset that loses most; +Inf: everything.",
            scenario => scenario.HitsData ? scenario.Loss?.TotalSeconds ?? double.PositiveInfinity : null
        ),
        (
            "resurgam_scenario_loss_objective_seconds",
            "RPO of the scenario.",
            scenario => scenario.Scenario.Objectives.Rpo?.TotalSeconds
        ),
        (
            "resurgam_scenario_predicted_recovery_seconds",
            "How long its runbook would take.",
            scenario => scenario.Recovery?.Likely.TotalSeconds
        ),
        (
            "resurgam_scenario_predicted_recovery_upper_seconds",
            "Upper end of the interval of that.",
            scenario => scenario.Recovery?.Most.TotalSeconds
        ),
        (
            "resurgam_scenario_recovery_objective_seconds",
            "RTO of the scenario.",
            scenario => scenario.Scenario.Objectives.Rto?.TotalSeconds
        ),
    ];

    private static readonly (
        string Name,
        string Help,
        Func<AssetPrediction, DateTimeOffset, double?> Value
    )[] OfAssets =
    [
        ("resurgam_asset_safe", "1 when no finding of the asset is a risk.", (asset, _) => Number(!asset.IsAtRisk)),
        (
            "resurgam_snapshot_age_seconds",
            "Age of the newest snapshot that was not found to be bad.",
            (asset, now) => (now - asset.Newest?.TakenAt)?.TotalSeconds
        ),
        (
            "resurgam_verified_point_age_seconds",
            "Age of the newest moment that a verification has proven.",
            (asset, now) => (now - asset.VerifiedPoint)?.TotalSeconds
        ),
        (
            "resurgam_predicted_loss_seconds",
            "What would be lost at most if everything but the vault were gone now; +Inf: everything.",
            (asset, _) => asset.Loss?.TotalSeconds ?? double.PositiveInfinity
        ),
        ("resurgam_loss_objective_seconds", "RPO of the plan.", (asset, _) => asset.Facts.LossObjective?.TotalSeconds),
        (
            "resurgam_predicted_recovery_seconds",
            "How long the recovery would take.",
            (asset, _) => asset.Recovery?.Likely.TotalSeconds
        ),
        (
            "resurgam_predicted_recovery_upper_seconds",
            "Upper end of the interval of the recovery time.",
            (asset, _) => asset.Recovery?.Most.TotalSeconds
        ),
        (
            "resurgam_recovery_objective_seconds",
            "RTO of the plan.",
            (asset, _) => asset.Facts.RecoveryObjective?.TotalSeconds
        ),
        (
            "resurgam_last_backup_failed",
            "1 when the last attempt to back up failed.",
            (asset, _) => Number(asset.Findings.Any(finding => finding.Code == "backup-failed"))
        ),
        (
            "resurgam_wal_lag_bytes",
            "What the server has written and the store does not have, by the stream of this machine.",
            (asset, _) => asset.Facts.Wal?.Stream?.LagBytes
        ),
        ("resurgam_wal_replay_bytes", "WAL that a recovery would replay.", (asset, _) => asset.WalBytes),
    ];

    private static string Asset(AssetPrediction asset) =>
        $"{Label("asset", asset.Facts.Asset.Value)},{Label("kind", asset.Facts.Kind)}";

    private static void Gauge(
        StringBuilder page,
        string name,
        string help,
        IEnumerable<(string Labels, double? Value)> samples
    ) => Family(page, name, "gauge", help, samples);

    /// <summary>A family without a known value is left out: absent is not zero.</summary>
    private static void Family(
        StringBuilder page,
        string name,
        string type,
        string help,
        IEnumerable<(string Labels, double? Value)> samples
    )
    {
        var known = samples.Where(sample => sample.Value is not null).ToList();
        if (known.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in known)
            page.Append(name)
                .Append(labels.Length == 0 ? "" : $"{{{labels}}}")
                .Append(' ')
                .Append(Text(value.GetValueOrDefault()))
                .Append('\n');
    }

    private static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    private static string Text(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static double? Number(bool value) => value ? 1 : 0;
}
