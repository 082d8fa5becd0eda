using System.Globalization;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Predictions;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Kubernetes.Verify;

/// <summary>What is verified, and with what.</summary>
public sealed record KubernetesVerificationRequest
{
    /// <summary>Folder of this asset's verifications; emptied before and after each.</summary>
    public required string Folder { get; init; }

    public required KubernetesRecord Record { get; init; }

    /// <summary>The cluster itself, where there is no server of our own.</summary>
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Folder with <c>kube-apiserver</c> and <c>etcd</c>; null: found in <c>PATH</c>.</summary>
    public string? Binaries { get; init; }
}

/// <summary>
/// Restores a snapshot into an API server of our own, started for this alone, and compares every object. Where there is
/// none of the cluster's version, the cluster itself says by a dry run what it would make of each.
/// </summary>
public sealed class KubernetesVerify(Vault vault, KubernetesVerificationRequest request, IWorkProgress progress)
{
    private readonly TimeProvider _time = vault.Host.Time;
    private readonly List<VerificationCheck> _checks = [];
    private readonly VerificationClock _clock = new(vault.Host.Time);
    private long _bytesTotal;
    private long _bytesWritten;

    private KubernetesRecord Recorded => request.Record;

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        var binaries = await KubernetesBinaries.FindAsync(request.Binaries, _time, cancellationToken);
        if (binaries?.IsLike(Recorded.ServerVersion) == true)
            await UseScratchAsync(binaries, snapshot, cancellationToken);
        else
            await AskClusterAsync(
                binaries is null
                    ? "no kube-apiserver with an etcd is here"
                    : $"the kube-apiserver here is {binaries.Version}, the cluster was {Recorded.ServerVersion}",
                snapshot,
                cancellationToken
            );
        return new VerificationReport(_checks, _clock.Steps, Lsn: null, LastCommitAt: null)
        {
            AsOf = request.Record.StartedAt,
            BytesTotal = _bytesTotal,
            BytesWritten = _bytesWritten,
        };
    }

    private async Task UseScratchAsync(
        KubernetesBinaries binaries,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("starting an API server");
        using var cluster = await _clock.TimeAsync(
            "scratch server",
            () => ScratchCluster.StartAsync(binaries, request.Folder, vault.Host.Entropy, _time, cancellationToken)
        );
        _checks.Add(
            new VerificationCheck(
                "server",
                true,
                $"an API server of our own ({binaries.Version}), empty and alone on this machine"
            )
        );
        using var api = await cluster.ConnectAsync(cancellationToken);
        var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
        KubernetesRestoreRequest restore = new()
        {
            Connection = request.Connection,
            ClusterUid = facts.Uid,
            ForceConflicts = true, // the server makes some objects itself, as the namespace default
        };
        var result = await _clock.TimeAsync(
            RecoverySteps.Restore,
            () =>
                new KubernetesRestore(vault, restore, progress, cluster.ConnectAsync).RunAsync(
                    snapshot,
                    cancellationToken
                )
        );
        AddRestored(result);
        (_bytesTotal, _bytesWritten) = (result.BytesTotal, result.BytesWritten);
        await _clock.TimeAsync(
            "compare",
            async () =>
            {
                using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
                ObjectComparison comparison = new(
                    api,
                    new SnapshotObjects(new SnapshotReader(snapshot.Repository, blobs), snapshot)
                );
                progress.Stage("comparing the objects");
                _checks.Add(await comparison.CompareAsync(Recorded.Objects, cancellationToken));
                return true;
            }
        );
    }

    private async Task AskClusterAsync(string why, SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        _checks.Add(
            new VerificationCheck(
                "server",
                true,
                $"{why}: the cluster itself was asked by a dry run, which proves that it takes the objects, not that it keeps them"
            )
        );
        using var api = await ApiConnection.OpenAsync(request.Connection, _time, cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        ObjectComparison comparison = new(
            api,
            new SnapshotObjects(new SnapshotReader(snapshot.Repository, blobs), snapshot)
        );
        progress.Stage("asking the cluster");
        // A restore sends the same requests: what they took is what is known of it.
        _checks.Add(
            await _clock.TimeAsync(RecoverySteps.Restore, () => comparison.AskAsync(Recorded, cancellationToken))
        );
        (_bytesTotal, _bytesWritten) = (comparison.BytesTotal, comparison.BytesAsked);
    }

    private void AddRestored(KubernetesRestoreResult result)
    {
        var bad = result.Objects.Where(each => !each.IsGood).ToList();
        _checks.Add(
            new VerificationCheck(
                "restore",
                bad.Count == 0,
                bad.Count == 0
                    ? string.Create(CultureInfo.InvariantCulture, $"{result.Objects.Count} objects restored")
                    : ObjectComparison.Join(bad.Select(each => $"{each.Key}: {each.Detail}"))
            )
        );
    }
}
