using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <param name="Replicas">How many there were to be before: what <see cref="Scaling"/> gets to undo itself.</param>
public sealed record ScaleRecord(Workload Workload, int Replicas);

/// <summary>Changes how many pods a workload has, and remembers how many it had.</summary>
public sealed class Scaling(ActionTarget target)
{
    /// <returns>What was before. When it is run again after a cut, that is what the first run left: record the first one.</returns>
    public async Task<ScaleRecord> RunAsync(Workload workload, int replicas, CancellationToken cancellationToken)
    {
        var path = $"{target.PathOf(workload)}/scale";
        var scale = await target.Api.GetAsync(path, cancellationToken);
        var before = (int)(scale.FindNumber("spec", "replicas") ?? 0);
        if (before != replicas)
        {
            JsonObject patch = new() { ["spec"] = new JsonObject { ["replicas"] = replicas } };
            await target.PatchAsync(path, patch, scale, cancellationToken);
        }
        return new ScaleRecord(workload, before);
    }

    public Task UndoAsync(ScaleRecord record, CancellationToken cancellationToken) =>
        RunAsync(record.Workload, record.Replicas, cancellationToken);
}
