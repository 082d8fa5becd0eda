using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Whether a workload is as its template wants it, and waiting until it is.</summary>
internal static class WorkloadReadiness
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Of the step's time; what is left is for telling why.</summary>
    private const double PartOfTimeout = 0.95;

    /// <exception cref="Core.Problems.ResurgamException">It does not become ready: the time is over, or its controller gave up.</exception>
    public static async Task AwaitAsync(
        ActionCluster cluster,
        Workload workload,
        StepCall call,
        CancellationToken cancellationToken
    )
    {
        var time = cluster.Api.Time;
        var began = time.GetTimestamp();
        while (true)
        {
            var json = await cluster.GetAsync(workload, cancellationToken);
            if (StateOf(json) is not { } state)
                return;
            if (GaveUp(json) is { } message)
                throw KubernetesActionProblems.NotReady(workload, time.GetElapsedTime(began), message);
            if (time.GetElapsedTime(began) > call.Step.Timeout * PartOfTimeout)
                throw KubernetesActionProblems.NotReady(workload, call.Step.Timeout, state);
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    /// <returns>What is missing, in words; null when it is ready.</returns>
    public static string? StateOf(JsonObject json)
    {
        var seen = json.FindNumber("status", "observedGeneration") ?? 0;
        if (seen < (json.FindNumber("metadata", "generation") ?? 0))
            return "its controller has not seen the change yet";
        if (json.FindText("kind") == Workload.DaemonSet)
            return Missing(
                json.FindNumber("status", "desiredNumberScheduled") ?? 0,
                json.FindNumber("status", "updatedNumberScheduled") ?? 0,
                json.FindNumber("status", "numberAvailable") ?? 0
            );
        var wanted = json.FindNumber("spec", "replicas") ?? 1;
        var all = json.FindNumber("status", "replicas") ?? 0;
        // Older StatefulSets count no available pods, only ready ones.
        var available =
            json.FindNumber("status", "availableReplicas") ?? json.FindNumber("status", "readyReplicas") ?? 0;
        return Missing(wanted, json.FindNumber("status", "updatedReplicas") ?? 0, available)
            ?? (
                all > wanted
                    ? string.Create(CultureInfo.InvariantCulture, $"{all - wanted} pods too many are still there")
                    : null
            );
    }

    /// <returns>The words of a Deployment's controller that waits no longer; else null.</returns>
    private static string? GaveUp(JsonObject json) =>
        json.Items("status", "conditions")
            .FirstOrDefault(each =>
                each.FindText("type") == "Progressing" && each.FindText("reason") == "ProgressDeadlineExceeded"
            )
            .FindText("message");

    private static string? Missing(long wanted, long updated, long available) =>
        updated < wanted
            ? string.Create(CultureInfo.InvariantCulture, $"{updated} of {wanted} pods are of the newest template")
        : available < wanted
            ? string.Create(CultureInfo.InvariantCulture, $"{available} of {wanted} pods are available")
        : null;
}
