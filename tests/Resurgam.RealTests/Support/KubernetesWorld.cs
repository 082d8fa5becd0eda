using System.Text.Json;

namespace Resurgam.RealTests.Support;

/// <summary>A namespace of a real cluster to protect as asset <c>cluster</c>, a vault for it, and the program to do it with.</summary>
internal sealed class KubernetesWorld : IDisposable
{
    public const string Asset = "cluster";

    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly StockRestic _restic;
    private readonly CancellationToken _cancellationToken;

    private KubernetesWorld(KubernetesServer server, StockRestic restic, CancellationToken cancellationToken) =>
        (Server, _restic, _cancellationToken) = (server, restic, cancellationToken);

    public KubernetesServer Server { get; }

    /// <summary>Of this test alone.</summary>
    public string Namespace { get; } = $"shop-{Path.GetRandomFileName()[..8]}";

    public string Folder => _restic.Folder;

    public static async Task<KubernetesWorld> CreateAsync(CancellationToken cancellationToken)
    {
        var server = await KubernetesServer.RequireAsync();
        KubernetesWorld world = new(server, StockRestic.Create(cancellationToken), cancellationToken);
        await world.WritePlanAsync("plan.yaml", $"cluster-uid: {server.Uid}, binaries: {KubernetesServer.Binaries}");
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <param name="more">Keys of the asset in flow style.</param>
    public Task WritePlanAsync(string name, string more) =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { store: "file://{{Path.Combine(Folder, "vault")}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}: { kind: kubernetes, kubeconfig: {{Server.Kubeconfig}}, namespaces: [{{Namespace}}], {{more}} }

            """,
            _cancellationToken
        );

    /// <summary>Applies objects, with <c>NS</c> in them for the namespace.</summary>
    public Task ApplyAsync(string json, string manager = "kubectl") =>
        Server.ApplyAsync(json.Replace("NS", Namespace, StringComparison.Ordinal), manager, _cancellationToken);

    /// <summary>Runs the program, which has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    public Task<ResurgamExit> TryRunAsync(params string[] arguments) => TryRunAsync("plan.yaml", arguments);

    public Task<ResurgamExit> TryRunAsync(string plan, string[] arguments) =>
        ResurgamProcess.RunAsync(
            ["--plan", plan, .. arguments],
            new ResurgamSurroundings
            {
                Folder = Folder,
                Environment = new Dictionary<string, string> { [Variable] = StockRestic.Password },
            },
            _cancellationToken
        );

    /// <returns>The document that a command prints, whatever its exit code.</returns>
    public async Task<(int ExitCode, JsonElement Document)> AskAsync(params string[] arguments)
    {
        var exit = await TryRunAsync([.. arguments, "--output", "json"]);
        Assert.True(exit.Output.Length > 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return (exit.ExitCode, document.RootElement.Clone());
    }

    public void Dispose() => _restic.Dispose();
}
