using System.Globalization;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <summary>Brings the objects of a cluster back, into the one of the plan or into another.</summary>
internal sealed class KubernetesRestoreFlow(Session session, Plan plan, Vault vault, RestoreRequest request)
{
    public const string TargetScheme = "cluster:";

    /// <summary>What a person reads through; beyond it the cluster is in another state than anybody thinks.</summary>
    private const int MostShown = 1000;

    public async Task<RestoreOutcome> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        if (OptionForOthers(request) is { } option)
            throw RestoreFlowProblems.NotForClusters(option);
        var asset = AssetId.TryParse(snapshot.Asset ?? "", out var id) ? plan.FindAsset(id) as Asset.Kubernetes : null;
        var named = request.Target[TargetScheme.Length..];
        var context = named.Length > 0 ? named : asset?.Context;
        KubernetesRestoreRequest objects = new()
        {
            Connection = new ConnectionSettings
            {
                Kubeconfig = asset?.Kubeconfig,
                Context = context,
                FindVariable = session.Around.FindVariable,
            },
            // The plan vouches for its own context alone.
            ClusterUid = request.Objects.ClusterUid ?? (context == asset?.Context ? asset?.ClusterUid : null),
            Namespaces = request.Objects.Namespaces,
            Only = request.Objects.Only,
            ForceConflicts = request.Objects.ForceConflicts,
            IsDryRun = request.IsDryRun,
            RevokedBefore = asset?.RevokedBefore,
        };
        var result = await new KubernetesRestore(vault, objects, session.Progress).RunAsync(
            snapshot,
            cancellationToken
        );
        var duration = session.Time.GetElapsedTime(began);
        return new RestoreOutcome(
            snapshot.Id,
            RecoveredTo.AsOf(result.Record.StartedAt),
            result.BytesWritten,
            duration,
            result.Notes
        )
        {
            Steps =
                request.IsDryRun || request.Objects.Only.Count > 0
                    ? []
                    : [new StepView(RecoverySteps.Restore, duration.TotalSeconds)],
            BytesTotal = result.BytesTotal,
            Objects = Describe(result.Objects),
        };
    }

    /// <summary>Of a dry run all that would change; of a restore only what did not come back.</summary>
    private ObjectsView Describe(IReadOnlyList<RestoredObject> objects)
    {
        var shown = objects.Where(each =>
            !each.IsGood || (request.IsDryRun && each.Outcome != ObjectOutcome.Unchanged)
        );
        return new ObjectsView(
            Count(ObjectOutcome.Created),
            Count(ObjectOutcome.Changed),
            Count(ObjectOutcome.Unchanged),
            Count(ObjectOutcome.Conflict),
            Count(ObjectOutcome.Refused),
            Count(ObjectOutcome.HeldBack),
            [
                .. shown
                    .Take(MostShown)
                    .Select(each => new ObjectView(
                        each.Key.ToString(),
                        each.Key.ApiVersion,
                        WordOf(each.Outcome),
                        each.Detail,
                        request.IsDryRun ? [.. each.Changes.Select(change => change.ToString())] : []
                    )),
            ]
        );

        int Count(ObjectOutcome outcome) => objects.Count(each => each.Outcome == outcome);
    }

    public static void WriteText(TextWriter text, ObjectsView objects)
    {
        foreach (var each in objects.Shown)
        {
            text.WriteLine($"{each.Outcome, -10} {each.Object}{(each.Detail is null ? "" : $": {each.Detail}")}");
            foreach (var change in each.Changes)
                text.WriteLine($"{"", -10}   {change}");
        }
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{objects.Created} created, {objects.Changed} changed, {objects.Unchanged} unchanged, {objects.Conflicts} in conflict, {objects.Refused} refused, {objects.HeldBack} held back"
            )
        );
    }

    private static string WordOf(ObjectOutcome outcome) =>
        outcome switch
        {
            ObjectOutcome.Created => "created",
            ObjectOutcome.Changed => "changed",
            ObjectOutcome.Unchanged => "unchanged",
            ObjectOutcome.Conflict => "conflict",
            ObjectOutcome.Refused => "refused",
            ObjectOutcome.HeldBack => "held back",
        };

    private static string? OptionForOthers(RestoreRequest request) =>
        request switch
        {
            { Start: true } => "--start",
            { Owner: not null } => "--owner",
            { Tablespaces.Count: > 0 } => "--tablespace",
            { TargetText: not "latest" } => "--at",
            { IsDelta: true } => "--delta",
            { IsForced: true } => "--force",
            { Path.Length: > 0 } => "--path",
            _ => null,
        };
}
