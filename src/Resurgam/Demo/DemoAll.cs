using System.Diagnostics;
using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Cli;

namespace Resurgam.Demo;

/// <summary>What <c>demo --all</c> has beside the database: sessions, policies and the objects of a cluster, protected and brought back with it.</summary>
internal sealed class DemoAll(Session session, DemoStory story, DemoProgram program, string folder) : IAsyncDisposable
{
    private const string Set = "platform";
    private const string SessionAsset = "sessions";
    private const string PolicyAsset = "policies";
    private const string ClusterAsset = "cluster";
    private const int SessionsEachTime = 5_000;

    private readonly List<DemoLeftOut> _leftOut = [];
    private readonly Dictionary<string, double> _recovery = [];
    private DemoSessions? _sessions;
    private DemoRepository? _policies;
    private readonly DemoObjects _objects = new(DemoManifests.All(), session.Time);
    private DemoApiServer? _server;
    private Process? _stream;

    public IReadOnlyList<DemoLeftOut> LeftOut => _leftOut;

    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        if (RedisBinaries.FindTool("redis-server", null) is { } server)
            await (_sessions = new DemoSessions(folder, server, session.Time)).StartAsync(cancellationToken);
        else
            _leftOut.Add(new(SessionAsset, "redis", "redis-server is not installed here"));
        if (DemoRepository.IsPossible)
        {
            _policies = new DemoRepository(Path.Combine(folder, "policies.git"), session.Time);
            await _policies.CreateAsync(cancellationToken);
            await _policies.CommitAsync("phi: two approvals", cancellationToken);
        }
        else
            _leftOut.Add(new(PolicyAsset, "git", "git is not installed here"));
        if (await KubernetesBinaries.FindAsync(configured: null, session.Time, cancellationToken) is { } kubernetes)
        {
            _server = new DemoApiServer(
                Path.Combine(folder, "cluster"),
                Path.Combine(folder, "kubeconfig"),
                "demo",
                kubernetes,
                session.Entropy,
                session.Time
            );
            await _server.StartAsync(cancellationToken);
            await _objects.FillAsync(_server, cancellationToken);
        }
        else
            _leftOut.Add(new(ClusterAsset, "kubernetes", DemoApiServer.Missing));
        IEnumerable<string?> with =
        [
            _sessions is null ? null : "sessions in Redis",
            _policies is null ? null : "policies in Git",
            _server is null ? null : $"{_objects.Count} objects in a Kubernetes API server",
        ];
        story.Fact($"with it: {string.Join(", ", with.OfType<string>())}");
        foreach (var (asset, kind, why) in _leftOut)
            story.Fact($"LEFT OUT: {asset} ({kind}): {why}");
    }

    /// <summary>Its last section is the assets' of the database alone.</summary>
    public async Task AddToPlanAsync(string plan, string database, CancellationToken cancellationToken)
    {
        List<string> assets = [database];
        var text = "";
        if (_sessions is { } sessions)
        {
            text +=
                $"  {SessionAsset}: {{ kind: redis, socket: {sessions.Socket}, binaries: {sessions.ServerFolder} }}\n";
            assets.Add(SessionAsset);
        }
        if (_policies is { } policies)
        {
            text += $"  {PolicyAsset}: {{ kind: git, repositories: [{policies.Path}] }}\n";
            assets.Add(PolicyAsset);
        }
        if (_server is { } server)
        {
            text +=
                $"  {ClusterAsset}: {{ kind: kubernetes, kubeconfig: {server.Kubeconfig}, cluster-uid: {await server.GetUidAsync(cancellationToken)}, namespaces: [{DemoManifests.Namespace}], binaries: {server.Binaries} }}\n";
            assets.Add(ClusterAsset);
        }
        text += $"recovery-sets:\n  {Set}: {{ assets: [{string.Join(", ", assets)}] }}\n";
        await File.AppendAllTextAsync(plan, text, cancellationToken);
    }

    public async Task StreamAsync(CancellationToken cancellationToken)
    {
        if (_sessions is null)
            return;
        story.Command("wal", "stream", SessionAsset);
        _stream = program.Start("stream-sessions", ["wal", "stream", SessionAsset]);
        await _sessions.WriteAsync(SessionsEachTime, cancellationToken); // waits for the stream
        story.Fact($"{_sessions.Acknowledged:N0} sessions, each confirmed by the stream");
    }

    /// <summary>All of it as one recovery point, proven; then the platform goes on.</summary>
    /// <returns>Whether it is proven.</returns>
    public async Task<bool> ProtectAsync(CancellationToken cancellationToken)
    {
        story.Chapter("All of it as one recovery point, and proven as one.");
        if (_policies is not null)
            await _policies.CommitAsync("phi: break-glass is reviewed", cancellationToken);
        story.Command("backup", Set);
        var backup = await program.RunAsync(["backup", Set], cancellationToken);
        foreach (var member in backup.GetProperty("point").GetProperty("members").EnumerateArray())
            story.Fact(
                $"{member.GetProperty("asset").GetString()}: {(member.GetProperty("isStreamed").GetBoolean() ? "brought forward to the moment by its stream" : "as of its snapshot")}"
            );
        story.Command("verify", Set);
        var verification = await program.RunAsync(["verify", Set], cancellationToken);
        if (_sessions is not null)
            await _sessions.WriteAsync(SessionsEachTime, cancellationToken);
        return verification.GetProperty("passed").GetBoolean();
    }

    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        if (_sessions is not null)
            await _sessions.DestroyAsync(cancellationToken);
        if (_policies is not null)
            Directory.Delete(_policies.Path, recursive: true);
        _server?.Destroy();
        story.Fact("all that is beside it is destroyed with it");
    }

    /// <summary>What is in the spool goes to the vault.</summary>
    public async Task StopStreamAsync(CancellationToken cancellationToken)
    {
        if (_stream is not { } stream)
            return;
        ThisProcess.Terminate(stream.Id);
        await stream.WaitForExitAsync(cancellationToken);
    }

    /// <param name="destroyedAt">Timestamp of the disaster: each is back so long after it.</param>
    public async Task RestoreAsync(long destroyedAt, CancellationToken cancellationToken)
    {
        if (_sessions is not null)
        {
            story.Command("restore", SessionAsset, "--to", _sessions.DataDirectory);
            await program.RunAsync(["restore", SessionAsset, "--to", _sessions.DataDirectory], cancellationToken);
            await _sessions.StartAsync(cancellationToken);
            _recovery[SessionAsset] = session.Time.GetElapsedTime(destroyedAt).TotalSeconds;
        }
        if (_policies is not null)
        {
            story.Command("restore", PolicyAsset, "--to", RestoredPolicies);
            await program.RunAsync(["restore", PolicyAsset, "--to", RestoredPolicies], cancellationToken);
            _recovery[PolicyAsset] = session.Time.GetElapsedTime(destroyedAt).TotalSeconds;
        }
        if (_server is not null)
        {
            await RestoreObjectsAsync(_server, cancellationToken);
            _recovery[ClusterAsset] = session.Time.GetElapsedTime(destroyedAt).TotalSeconds;
        }
    }

    public async Task<IReadOnlyList<DemoAsset>> JudgeAsync(CancellationToken cancellationToken)
    {
        List<DemoAsset> assets = [];
        if (_sessions is not null)
        {
            var lost = _sessions.Acknowledged - await _sessions.CountIntactAsync(cancellationToken);
            assets.Add(new(SessionAsset, "redis", lost, _recovery[SessionAsset]));
        }
        if (_policies is not null)
        {
            var there = Directory.EnumerateDirectories(RestoredPolicies, "*.git", SearchOption.AllDirectories).First();
            var lost = _policies.Commits - await _policies.CountAsync(there, cancellationToken);
            assets.Add(new(PolicyAsset, "git", lost, _recovery[PolicyAsset]));
        }
        if (_server is not null)
        {
            var lost = _objects.Count - await _objects.CountIntactAsync(_server, cancellationToken);
            assets.Add(new(ClusterAsset, "kubernetes", lost, _recovery[ClusterAsset]));
        }
        foreach (var asset in assets)
            story.Fact(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{asset.Asset}: {asset.Lost} lost, back {asset.RecoverySeconds:0.0} s after the disaster"
                )
            );
        return assets;
    }

    /// <summary>Into a new cluster: the old one is gone, and its uid with it.</summary>
    private async Task RestoreObjectsAsync(DemoApiServer server, CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);
        var uid = await server.GetUidAsync(cancellationToken);
        string[] restore = ["restore", ClusterAsset, "--to", "cluster:", "--cluster-uid", uid];
        story.Command(restore);
        var result = await program.RunAsync(restore, cancellationToken);
        story.Fact(
            $"{result.GetProperty("objects").GetProperty("created").GetInt32()} objects created in a new, empty cluster"
        );
    }

    private string RestoredPolicies => Path.Combine(folder, "policies-restored");

    public async ValueTask DisposeAsync()
    {
        if (_stream is { } stream)
        {
            if (!stream.HasExited)
                stream.Kill(entireProcessTree: true);
            stream.Dispose();
        }
        if (_sessions is not null)
            await _sessions.DisposeAsync();
        _server?.Dispose();
    }
}
