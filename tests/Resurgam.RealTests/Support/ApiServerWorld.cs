using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.RealTests.Support;

/// <summary>Objects of a real API server to protect as asset <c>cluster</c>, a vault for them, and the program to do it with; gone afterwards.</summary>
internal sealed class ApiServerWorld : IAsyncDisposable
{
    public const string Asset = "cluster";

    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly StockRestic _restic;
    private readonly CancellationToken _cancellationToken;

    private ApiServerWorld(ApiServer server, StockRestic restic, CancellationToken cancellationToken) =>
        (Server, _restic, _cancellationToken) = (server, restic, cancellationToken);

    public ApiServer Server { get; }

    public string Folder => _restic.Folder;

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    /// <param name="more">Keys of the asset in flow style, with a comma before each.</param>
    /// <returns>A plan that reaches the server, and an empty vault.</returns>
    public static async Task<ApiServerWorld> CreateAsync(
        ApiServer server,
        string more,
        CancellationToken cancellationToken,
        ApiServer? other = null
    )
    {
        ApiServerWorld world = new(server, StockRestic.Create(cancellationToken), cancellationToken);
        server.WriteKubeconfig(world.Kubeconfig, other: other);
        await world.WritePlanAsync("plan.yaml", world.Kubeconfig, more);
        await world.RunAsync("vault", "create");
        return world;
    }

    public Task WritePlanAsync(string name, string kubeconfig, string more, string sections = "") =>
        File.WriteAllTextAsync(
            Path.Combine(Folder, name),
            $$"""
            resurgam: 1
            state: {{Path.Combine(Folder, "state")}}
            vault: { store: "file://{{Path.Combine(Folder, "vault")}}", secret: { env: {{Variable}} } }
            assets:
              {{Asset}}: { kind: kubernetes, kubeconfig: {{kubeconfig}}, binaries: {{ApiServer.Binaries}}{{more}} }
            {{sections}}

            """,
            _cancellationToken
        );

    /// <summary>Runs the program, which has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    public Task<ResurgamExit> TryRunAsync(params string[] arguments) => TryRunPlanAsync("plan.yaml", arguments);

    public Task<ResurgamExit> TryRunPlanAsync(string plan, params string[] arguments) =>
        ResurgamProcess.RunAsync(["--plan", plan, .. arguments], Around, _cancellationToken);

    public ResurgamProcess Start(string[] arguments) =>
        ResurgamProcess.Start(["--plan", "plan.yaml", .. arguments], Around);

    /// <returns>The document that a command prints.</returns>
    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await RunAsync([.. arguments, "--output", "json"]));
        return document.RootElement.Clone();
    }

    /// <summary>Runs a command that has to fail.</summary>
    /// <returns>The problem's code.</returns>
    public async Task<string> RefusalAsync(string plan, params string[] arguments)
    {
        var exit = await TryRunPlanAsync(plan, [.. arguments, "--output", "json"]);
        Assert.True(exit.ExitCode != 0, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.GetProperty("error").GetProperty("code").GetString() ?? "";
    }

    /// <returns>Every object of the newest snapshot, by the path of its file.</returns>
    public async Task<SortedDictionary<string, JsonObject>> ReadSnapshotAsync()
    {
        var folder = Path.Combine(Folder, $"read-{Path.GetRandomFileName()}");
        await RunAsync("restore", Asset, "--to", folder);
        SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
        foreach (
            var file in Directory.EnumerateFiles(
                Path.Combine(folder, ObjectKey.Folder),
                "*",
                SearchOption.AllDirectories
            )
        )
            objects[Path.GetRelativePath(folder, file)] = (JsonObject)
                JsonNode.Parse(await File.ReadAllTextAsync(file, _cancellationToken))!;
        return objects;
    }

    private ResurgamSurroundings Around =>
        new()
        {
            Folder = Folder,
            Environment = new Dictionary<string, string> { [Variable] = StockRestic.Password },
        };

    public ValueTask DisposeAsync()
    {
        _restic.Dispose();
        return ValueTask.CompletedTask;
    }
}
