using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Capture;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Tests.Support;

/// <summary>A cluster in memory, a vault in memory, and what backup and restore do with them.</summary>
internal sealed class KubernetesWorld(CancellationToken cancellationToken)
{
    private const string Asset = "cluster";

    private static readonly ConnectionSettings NoConnection = new() { FindVariable = _ => null };

    private readonly HastyTime _time = new(TimeSpan.FromSeconds(30));
    private bool _isCreated;

    public VaultWorld Vaults { get; } = new();

    public KubernetesDouble Cluster { get; set; } = new();

    public static KubernetesSource Source { get; } = new() { Asset = Asset, Connection = NoConnection };

    public static KubernetesRestoreRequest Request { get; } =
        new() { Connection = NoConnection, ClusterUid = KubernetesDouble.Uid };

    public ApiConnection Connect() => Cluster.Connect(_time);

    public async Task<CaptureResult> CaptureAsync(KubernetesSource? source = null)
    {
        using var vault = await OpenAsync();
        await using var snapshot = await SnapshotWriter.BeginAsync(vault, Asset, "kubernetes", cancellationToken);
        KubernetesCapture capture = new(source ?? Source, _time, NoProgress.Instance, _ => Task.FromResult(Connect()));
        return await capture.RunAsync(snapshot, cancellationToken);
    }

    public async Task<KubernetesRestoreResult> RestoreAsync(KubernetesRestoreRequest? request = null)
    {
        using var vault = await OpenAsync();
        var snapshot = await vault.GetSnapshotAsync("latest", Asset, cancellationToken);
        KubernetesRestore restore = new(
            vault,
            request ?? Request,
            NoProgress.Instance,
            _ => Task.FromResult(Connect())
        );
        return await restore.RunAsync(snapshot, cancellationToken);
    }

    /// <summary>Files of the newest snapshot.</summary>
    public async Task<SortedDictionary<string, string>> ReadAsync()
    {
        using var vault = await OpenAsync();
        var files = await Vaults.RestoreAsync(
            await vault.GetSnapshotAsync("latest", Asset, cancellationToken),
            cancellationToken
        );
        return new(
            files.ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value)),
            StringComparer.Ordinal
        );
    }

    public async Task<KubernetesRecord> ReadRecordAsync() =>
        KubernetesRecord.Read(Encoding.UTF8.GetBytes((await ReadAsync())[KubernetesRecord.Path]), "latest");

    public async Task<JsonObject> ReadObjectAsync(string path) =>
        (JsonObject)(JsonNode.Parse((await ReadAsync())[path]) ?? throw new InvalidOperationException(path));

    private async Task<Vault> OpenAsync()
    {
        if (_isCreated)
            return await Vaults.OpenAsync(Vaults.Store, cancellationToken);
        _isCreated = true;
        return await Vaults.CreateAsync(Vaults.Store, cancellationToken);
    }
}
