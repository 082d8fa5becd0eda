using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Demo.Scenarios;

/// <summary>The cluster of the reference plan: a real API server, what plays its controllers, and the provider that builds another one.</summary>
internal sealed class ReferenceCluster : IAsyncDisposable
{
    public const string Asset = "cluster";

    /// <summary>As the plan calls them.</summary>
    private const string Context = "healthcare";
    private const string DrillContext = "healthcare-drill";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly DemoApiServer _first;
    private readonly DemoApiServer _new;
    private readonly DemoApiServer _drill;
    private readonly DemoObjects _objects;
    private readonly List<DemoControllers> _controllers = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _building = Task.CompletedTask;

    public ReferenceCluster(string folder, KubernetesBinaries binaries, IEntropy entropy, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        _objects = new DemoObjects(ReferenceManifests.All(), time);
        _first = Server("first", "etc/kubeconfig", Context);
        _new = Server("new", "recovery/kubeconfig", Context);
        _drill = Server("drill", "etc/kubeconfig-drill", DrillContext);

        DemoApiServer Server(string name, string kubeconfig, string context) =>
            new(In($"kubernetes/{name}"), In(kubeconfig), context, binaries, entropy, time);
    }

    public int Count => _objects.Count;

    /// <summary>For the plan: which clusters these are.</summary>
    public ReferenceUids Uids { get; private set; } = new("", "");

    /// <param name="withDrill">And that of drills.</param>
    public async Task StartAsync(bool withDrill, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(In("etc"));
        await StartAsync(_first, _objects, cancellationToken);
        if (withDrill)
            await StartAsync(_drill, new DemoObjects(ReferenceManifests.All(), _time), cancellationToken);
        Uids = new(
            await _first.GetUidAsync(cancellationToken),
            withDrill ? await _drill.GetUidAsync(cancellationToken) : ReferenceUids.None
        );
    }

    /// <summary>Its programs and all that they held are gone. A provider builds another one when it is asked to, as the plan's steps do.</summary>
    public void Destroy()
    {
        _first.Destroy();
        Directory.CreateDirectory(In("cluster"));
        File.WriteAllText(In("cluster/provider"), "asked by the file 'built', answers by the file 'ready'\n");
        _building = BuildAsync();
    }

    /// <summary>All objects are in the new cluster as they were in the one that is gone.</summary>
    public async Task<bool> IsBackAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _building.IsCompletedSuccessfully
                && await _objects.CountIntactAsync(_new, cancellationToken) == _objects.Count;
        }
        catch (ResurgamException)
        {
            return false; // it is not there yet
        }
    }

    /// <summary>The pods of a service reach nobody and are kept, no others take their place, and nothing will turn that back.</summary>
    public async Task<bool> IsCutOffAsync(string service, CancellationToken cancellationToken)
    {
        var seen = await SeeAsync(_first, service, cancellationToken);
        return seen is { Held: ReferenceManifests.Replicas, Free: 0, Open.Count: 0 };
    }

    /// <returns>What a drill has left in its cluster.</returns>
    public async Task<IReadOnlyList<string>> LeftOfDrillsAsync(string service, CancellationToken cancellationToken)
    {
        var seen = await SeeAsync(_drill, service, cancellationToken);
        return seen is { Held: 0, Free: ReferenceManifests.Replicas, Open.Count: 3 }
            ? []
            : [$"the drill's cluster: {seen.Held} pods of {service} are cut off, {seen.Free} are not"];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _building.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var controllers in _controllers)
            await controllers.DisposeAsync();
        foreach (var server in (IReadOnlyList<DemoApiServer>)[_first, _new, _drill])
            server.Dispose();
        _stop.Dispose();
    }

    /// <summary>Pods that are cut off, pods that are not, and what would turn it back.</summary>
    private static async Task<Sight> SeeAsync(DemoApiServer server, string service, CancellationToken cancellationToken)
    {
        using var api = await server.ConnectAsync(cancellationToken);
        var pods = (await api.GetAsync(ReferenceManifests.Pods, cancellationToken)).Items("items").ToList();
        List<string> open = [];
        if (await api.FindAsync(ReferenceManifests.Quarantine, cancellationToken) is null)
            open.Add("no policy cuts off");
        var deployment = await api.GetAsync($"{ReferenceManifests.Deployments}/{service}", cancellationToken);
        if (deployment.FindNumber("spec", "replicas") != 0)
            open.Add("others take their place");
        if (!(await api.GetAsync(ReferenceManifests.Reconciler, cancellationToken)).IsTrue("spec", "suspend"))
            open.Add("it is reconciled");
        return new Sight(
            pods.Count(pod => pod.FindText("metadata", "labels", "resurgam.io/quarantine") is not null),
            pods.Count(pod => pod.FindText("metadata", "labels", "app") == service),
            open
        );
    }

    private sealed record Sight(int Held, int Free, IReadOnlyList<string> Open);

    private string In(string path) => Path.Combine(_folder, path);

    private async Task BuildAsync()
    {
        while (!File.Exists(In("cluster/built")))
            await Task.Delay(BetweenLooks, _time, _stop.Token);
        await _new.StartAsync(_stop.Token);
        _controllers.Add(DemoControllers.Start(_new, _time));
        await File.WriteAllTextAsync(In("recovery/cluster-uid"), await _new.GetUidAsync(_stop.Token), _stop.Token);
        await File.WriteAllTextAsync(In("cluster/ready"), "", _stop.Token);
    }

    private async Task StartAsync(DemoApiServer server, DemoObjects objects, CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);
        await objects.FillAsync(server, cancellationToken);
        _controllers.Add(DemoControllers.Start(server, _time));
    }
}

/// <param name="First">Of the platform's cluster.</param>
/// <param name="Drill">Of the cluster of drills.</param>
internal sealed record ReferenceUids(string First, string Drill)
{
    /// <summary>Of a cluster that is not there.</summary>
    public const string None = "00000000-0000-0000-0000-000000000000";
}
