using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class KubernetesRestartWork(StepAction.KubernetesRestart action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    /// <summary>The one that kubectl uses, so that each sees the other's.</summary>
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";

    private const string At = "restart-at";

    /// <summary>The time is chosen here: an attempt that is repeated restarts nothing anew.</summary>
    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        List<string> what = [];
        foreach (var workload in action.Workloads)
        {
            var json = await cluster.GetAsync(workload, cancellationToken);
            AssertRestartable(workload, json);
            what.Add($"{workload}: {WorkloadReadiness.StateOf(json) ?? "ready"}");
        }
        return StepReport.Done(
            string.Join("; ", what),
            new StepNote(
                At,
                Tools.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
            )
        );
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        var at =
            Call.FindNote(At)
            ?? Tools.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        foreach (var workload in action.Workloads)
        {
            await cluster.ChangeAsync(
                cluster.PathOf(workload),
                json =>
                {
                    AssertRestartable(workload, json);
                    return json.FindText("spec", "template", "metadata", "annotations", RestartedAt) == at
                        ? null
                        : new JsonObject
                        {
                            ["spec"] = new JsonObject { ["template"] = ActionCluster.Annotate([], RestartedAt, at) },
                        };
                },
                cancellationToken
            );
            if (action.Waits)
                await WorkloadReadiness.AwaitAsync(cluster, workload, Call, cancellationToken);
        }
        return StepReport.Done(
            $"{string.Join(", ", action.Workloads)} {(action.Waits ? "restarted and ready" : "restart")}"
        );
    }

    private static void AssertRestartable(Workload workload, JsonObject json)
    {
        if (json.IsTrue("spec", "paused"))
            throw KubernetesActionProblems.Pointless(workload, "its rollout is paused, so that nothing would restart");
        if (json.FindText("spec", "updateStrategy", "type") == "OnDelete")
            throw KubernetesActionProblems.Pointless(
                workload,
                "its update strategy is OnDelete: its pods change only when somebody ends them"
            );
    }
}
