using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class KubernetesScaleWork(StepAction.KubernetesScale action, StepCall call, ActionTools tools)
    : KubernetesWork(action.On, call, tools)
{
    /// <summary>On the workload: how many pods it had before the first of our changes.</summary>
    private const string Annotation = "resurgam.io/replicas-before";

    private const string Count = "replicas.";
    private const string Recorded = "recorded.";

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        List<string> what = [];
        List<StepNote> notes = [];
        foreach (var workload in action.Workloads)
        {
            var json = await cluster.GetAsync(workload, cancellationToken);
            var mark = FindMark(json) is { } found ? $" (reconciled, {found}: pause that first)" : "";
            what.Add($"{workload} has {CountOf(json)} pods{mark}");
            notes.Add(new StepNote($"{Count}{workload}", Text(CountOf(json))));
            notes.Add(new StepNote($"{Recorded}{workload}", RecordOf(json) ?? ""));
        }
        return StepReport.Done(string.Join("; ", what), [.. notes]);
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        List<string> what = [];
        foreach (var workload in action.Workloads)
        {
            var wanted = 0;
            await cluster.ChangeAsync(
                cluster.PathOf(workload),
                json =>
                {
                    wanted = action.Replicas ?? BeforeOf(workload, json);
                    // The note of before: the first one stays, until what it tells is there again.
                    var record = action.Replicas is null ? null : RecordOf(json) ?? Text(CountOf(json));
                    return PatchOf(json, wanted, record);
                },
                cancellationToken
            );
            what.Add($"{workload} has {wanted} pods");
        }
        if (action.Waits)
            foreach (var workload in action.Workloads)
                await WorkloadReadiness.AwaitAsync(cluster, workload, Call, cancellationToken);
        return StepReport.Done(string.Join("; ", what));
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        using var cluster = await OpenAsync(cancellationToken);
        foreach (var workload in action.Workloads)
            if (int.TryParse(Call.FindNote($"{Count}{workload}"), CultureInfo.InvariantCulture, out var count))
            {
                var record = Call.FindNote($"{Recorded}{workload}");
                await cluster.ChangeAsync(
                    cluster.PathOf(workload),
                    json => PatchOf(json, count, record is { Length: > 0 } ? record : null),
                    cancellationToken
                );
            }
        return StepReport.Done("each has as many pods as it had");
    }

    private int BeforeOf(Workload workload, JsonObject json)
    {
        var record = RecordOf(json) ?? Call.FindNote($"{Recorded}{workload}");
        return int.TryParse(record, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw KubernetesActionProblems.NoRecord(workload);
    }

    private static JsonObject? PatchOf(JsonObject json, int wanted, string? record) =>
        CountOf(json) == wanted && RecordOf(json) == record
            ? null
            : ActionCluster.Annotate(
                new JsonObject { ["spec"] = new JsonObject { ["replicas"] = wanted } },
                Annotation,
                record
            );

    private static long CountOf(JsonObject json) => json.FindNumber("spec", "replicas") ?? 1;

    private static string? RecordOf(JsonObject json) => json.FindText("metadata", "annotations", Annotation);

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
