using System.Diagnostics;
using System.Globalization;
using System.Net;
using Resurgam.Adapters.Kubernetes.Servers;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Cli;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Demo.Scenarios;

/// <summary>The platform of the reference plan, small and real, in the demo's folder: what breaks, and what is asked whether it works.</summary>
internal sealed class ReferencePlatform : IAsyncDisposable
{
    private const string Database = "db";
    private const int WriterCount = 2;

    /// <summary>The plan's ports of drills are so much higher.</summary>
    private const int DrillPorts = 1000;

    /// <summary>Of the plan's services, those whose health it asks for, with their ports there.</summary>
    private static readonly IReadOnlyList<(string Name, int Port)> ServicesOfPlan =
    [
        ("auth-service", 8081),
        ("phi-service", 8083),
    ];

    /// <summary>Longer than the platform itself takes to answer, and short beside any objective.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StoredLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly Session _session;
    private readonly DemoStory _story;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private readonly Dictionary<int, int> _ports = [];
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly List<string> _messages = [];
    private readonly List<PostgresConnection> _hanging = [];
    private DemoListener? _board;
    private Task _writing = Task.CompletedTask;
    private readonly List<DemoLeftOut> _leftOut = [];
    private DemoStream? _stream;
    private Process? _copy;

    public ReferencePlatform(Session session, DemoStory story, PostgresBinaries binaries, string folder)
    {
        (_session, _story, Folder) = (session, story, folder);
        Cluster = new DemoCluster(folder, binaries, session.Time);
        Restored = new DemoCluster(Path.Combine(folder, "restored"), binaries, session.Time);
        Program = new DemoProgram(PlanPath, folder, session.Time);
        Drills = new DemoCluster(Path.Combine(folder, "drill"), binaries, session.Time);
        Credential = NewCredential('a');
        Files = new ReferenceFiles(this);
    }

    public string Folder { get; }

    public TimeProvider Time => _session.Time;

    public string PlanPath => Path.Combine(Folder, "resurgam.yaml");

    public DemoProgram Program { get; }

    /// <summary>Where the database is before the disaster.</summary>
    public DemoCluster Cluster { get; }

    /// <summary>Where runbooks restore it to.</summary>
    public DemoCluster Restored { get; }

    /// <summary>Where drills restore databases to.</summary>
    private DemoCluster Drills { get; }

    /// <summary>What services and writers get in by before the disaster.</summary>
    public AppRole Credential { get; }

    public ReferenceFiles Files { get; }

    /// <summary>The cluster with the workers of services. Null: left out.</summary>
    public ReferenceCluster? Objects { get; private set; }

    /// <summary>Who is signed in. Null: not asked for, or left out.</summary>
    public DemoSessions? Sessions { get; private set; }

    /// <summary>What cannot be shown here, and why.</summary>
    public IReadOnlyList<DemoLeftOut> LeftOut => _leftOut;

    public IReadOnlyList<DemoWriter> Writers { get; private set; } = [];

    /// <summary>What the stakeholders were told, by the plan's webhook.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_messages)
                return [.. _messages];
        }
    }

    /// <summary>A restore has begun to write.</summary>
    public bool IsRestoring => Directory.Exists(Path.Combine(Restored.DataDirectory, "base"));

    public AppRole NewCredential(char name) => new(Folder, name, _session.Entropy);

    /// <summary>Who looks for the database where the plan says.</summary>
    public Task<PostgresConnection> ConnectAsync(CancellationToken cancellationToken) =>
        Cluster.ConnectAsync(DemoPlatform.Database, cancellationToken);

    public async Task BuildAsync(int scale, CancellationToken cancellationToken)
    {
        await Cluster.CreateAsync(cancellationToken);
        Restored.MakePlace();
        var bytes = await DemoPlatform.LoadAsync(Cluster, scale, cancellationToken);
        await using (var database = await ConnectAsync(cancellationToken))
        {
            await AppRole.PrepareAsync(Cluster.DataDirectory, database, cancellationToken);
            await Credential.CreateAsync(database, cancellationToken);
            await Credential.HandOutAsync(cancellationToken);
        }
        await ReferenceScripts.WriteAsync(Folder, cancellationToken);
        foreach (var name in (IReadOnlyList<string>)["services", "recovery", "evidence"])
            Directory.CreateDirectory(Path.Combine(Folder, name));
        foreach (var (name, port) in ServicesOfPlan)
        {
            await File.WriteAllTextAsync(PathOf(name, "port"), $"{PortOf(port)}\n", cancellationToken);
            await RunAsync("service", ["start", name], cancellationToken);
        }
        _story.Fact(
            $"{new ByteSize(bytes)} in {Cluster.DataDirectory}; {string.Join(" and ", ServicesOfPlan.Select(one => one.Name))} run"
        );
    }

    /// <summary>The cluster with the workers of services, and that of drills.</summary>
    public async Task StartClusterAsync(bool withDrill, CancellationToken cancellationToken)
    {
        if (await KubernetesBinaries.FindAsync(configured: null, Time, cancellationToken) is not { } binaries)
        {
            LeaveOut(ReferenceCluster.Asset, "kubernetes", DemoApiServer.Missing);
            return;
        }
        Objects = new ReferenceCluster(Folder, binaries, _session.Entropy, Time);
        await Objects.StartAsync(withDrill, cancellationToken);
        _story.Fact($"{Objects.Count} objects in a Kubernetes API server; no node runs their pods");
    }

    /// <summary>The reference plan, on places of this folder; without its steps on Kubernetes where there is no API server.</summary>
    public string WritePlan() => ReferencePlan.Write(Folder, PortOf, Objects?.Uids);

    /// <summary>A first backup of the cluster's objects.</summary>
    public Task ProtectClusterAsync(CancellationToken cancellationToken) =>
        Objects is null ? Task.CompletedTask : RunAsync(["backup", ReferenceCluster.Asset], cancellationToken);

    /// <summary>The plan, the vault, the stream and a first backup.</summary>
    public async Task ProtectAsync(string plan, CancellationToken cancellationToken)
    {
        await WriteSecretAsync("secret", DemoSecret.Make(_session.Entropy, 32), cancellationToken);
        var hook = DemoListener.FreePort();
        await WriteSecretAsync("stakeholders-hook", $"http://127.0.0.1:{hook}/", cancellationToken);
        _board = DemoListener.Start(hook, _session.Time, TakeMessageAsync);
        await File.WriteAllTextAsync(PlanPath, plan, cancellationToken);
        _story.Fact(PlanPath);
        await RunAsync(["vault", "create"], cancellationToken);
        _story.Command("wal", "stream", Database);
        var stream = DemoStream.StartAsync(Program, Cluster, Database, _session.Time, cancellationToken);
        await Task.WhenAll(stream, RunAsync(["backup", Database], cancellationToken));
        _stream = await stream;
    }

    /// <summary>The places of drills, and what their services and steps need.</summary>
    public async Task PrepareDrillsAsync(CancellationToken cancellationToken)
    {
        Drills.MakePlace("old-socket");
        await Credential.HandOutForDrillsAsync(cancellationToken);
        await NewCredential('b').MakePasswordAsync(cancellationToken);
        foreach (var (name, port) in ServicesOfPlan)
            await File.WriteAllTextAsync(
                PathOf($"{name}-drill", "port"),
                $"{PortOf(port + DrillPorts)}\n",
                cancellationToken
            );
    }

    /// <returns>Of the places of drills, what is still there, still runs, or is still changed.</returns>
    public async Task<IReadOnlyList<string>> LeftOfDrillsAsync(CancellationToken cancellationToken)
    {
        var changed = Objects is null ? [] : await Objects.LeftOfDrillsAsync("phi-service", cancellationToken);
        var running = ServicesOfPlan
            .Where(one => IsRunning($"{one.Name}-drill"))
            .Select(one => $"{one.Name}-drill runs");
        var place = Path.Combine(Folder, "drill");
        return
        [
            .. running,
            .. changed,
            .. Directory
                .EnumerateFiles(place, "*", SearchOption.AllDirectories)
                // The names of a socket outlive a server that was killed; the next one takes them over.
                .Where(file => !Path.GetFileName(file).StartsWith(".s.PGSQL.", StringComparison.Ordinal))
                .Concat(
                    Directory
                        .EnumerateDirectories(place)
                        .Where(folder => !folder.EndsWith("socket", StringComparison.Ordinal))
                ),
        ];
    }

    /// <summary>One more session of an application that has begun a transaction and says nothing any more.</summary>
    /// <exception cref="ResurgamException">The server lets none in.</exception>
    public async Task HangAsync(CancellationToken cancellationToken)
    {
        var session = await PostgresConnection.OpenAsync(Credential.Settings, SessionKind.Sql, Time, cancellationToken);
        _hanging.Add(session);
        await session.QueryAsync("begin", cancellationToken);
        await session.QueryAsync("select count(*) from patients where id = 1", cancellationToken);
    }

    /// <summary>Ends the sessions that services keep, by one that hangs: no slot of the server becomes free but theirs.</summary>
    public async Task CutServicesAsync(CancellationToken cancellationToken)
    {
        const string theirs = $"from pg_stat_activity where application_name = '{AppRole.NameOfServices}'";
        var session = _hanging[0];
        await session.QueryAsync($"select pg_terminate_backend(pid) {theirs}", cancellationToken);
        await UntilAsync("the end of the services' sessions", AreGoneAsync, cancellationToken);

        async Task<bool> AreGoneAsync()
        {
            // Its transaction sees the sessions of one moment, until it is told to look again.
            await session.QueryAsync("select pg_stat_clear_snapshot()", cancellationToken);
            return await session.ScalarAsync($"select count(*) {theirs}", cancellationToken) == "0";
        }
    }

    /// <summary>One of the program's commands, as a person types it.</summary>
    public async Task RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        _story.Command([.. words]);
        await Program.RunAsync(words, cancellationToken);
    }

    public void StartWriters()
    {
        Writers =
        [
            .. Enumerable
                .Range(1, WriterCount)
                .Select(number => new DemoWriter(number, Credential.Settings, _session.Time)),
        ];
        _writing = Task.WhenAll(Writers.Select(writer => writer.RunAsync(_stopWriting.Token)));
    }

    /// <summary>Every writer's work has begun, and the vault has what they wrote so far: a copy taken now has some of it.</summary>
    /// <exception cref="ResurgamException">It did not come so far in time.</exception>
    public async Task UntilWorkIsStoredAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(
            "the first rows of all writers",
            () => Task.FromResult(Writers.All(writer => writer.Acknowledged > 0)),
            cancellationToken
        );
        await using var database = await ConnectAsync(cancellationToken);
        var written = Lsn.Parse(await database.ScalarAsync("select pg_current_wal_lsn()", cancellationToken));
        await UntilAsync("the shipping of what was written", IsStoredAsync, cancellationToken);

        async Task<bool> IsStoredAsync()
        {
            IReadOnlyList<string> words = ["wal", "status", Database];
            var status = await Program.RunAsync(words, [ExitCode.Retry], cancellationToken);
            return Lsn.TryParse(status.GetProperty("storeEnd").GetString(), out var stored) && stored >= written;
        }
    }

    public async Task StopWritersAsync()
    {
        await _stopWriting.CancelAsync();
        await _writing;
    }

    /// <summary>People are signed in, and there is a snapshot of it.</summary>
    public async Task StartSessionsAsync(int count, CancellationToken cancellationToken)
    {
        if (RedisBinaries.FindTool("redis-server", null) is not { } server)
        {
            LeaveOut("sessions", "redis", "redis-server is not installed here");
            return;
        }
        Sessions = new DemoSessions(Folder, server, Time);
        await Sessions.StartAsync(cancellationToken);
        await Sessions.AddAsync(count, cancellationToken);
        await RunAsync(["backup", "sessions"], cancellationToken);
    }

    public void LeaveOut(string what, string kind, string why) => _leftOut.Add(new(what, kind, why));

    /// <summary>A replica of the vault is kept from here on, and has all that there is now.</summary>
    public async Task StartCopyAsync(string replica, CancellationToken cancellationToken)
    {
        await RunAsync(["vault", "copy", replica], cancellationToken);
        IReadOnlyList<string> words = ["vault", "copy", replica, "--follow", "--every", "1s"];
        _story.Command([.. words]);
        _copy = Program.Start("copy", words);
    }

    /// <summary>Services, database, cluster and files at once.</summary>
    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, _) in ServicesOfPlan)
            await KillServiceAsync(name, cancellationToken);
        await Cluster.DestroyAsync(cancellationToken);
        Objects?.Destroy();
        Files.Destroy();
    }

    /// <summary>The machine that keeps the vault, the stream and the replica: with -9, and all that it held.</summary>
    public void DestroyMachine()
    {
        StopCopy();
        _stream?.Dispose();
        _stream = null;
        Directory.Delete(DemoPlan.StateFolder(Folder), recursive: true);
        Directory.Delete(Path.Combine(Folder, "vault"), recursive: true);
    }

    /// <summary>A service dies with -9.</summary>
    public async Task KillServiceAsync(string service, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(PathOf(service, "pid"), cancellationToken);
        using var process = Process.GetProcessById(int.Parse(text, CultureInfo.InvariantCulture));
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>The stream's process goes on until it has shipped what it holds.</summary>
    public Task StopStreamAsync(CancellationToken cancellationToken) =>
        _stream?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>All services say that they are well, and so can reach the database.</summary>
    public async Task<bool> AllAnswerAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, _) in ServicesOfPlan)
            if (!await AnswersAsync(name, cancellationToken))
                return false;
        return true;
    }

    /// <summary>It says that it is well.</summary>
    public Task<bool> AnswersAsync(string service, CancellationToken cancellationToken) =>
        AnswersAsync(service, "/health", cancellationToken);

    public async Task<bool> AnswersAsync(string service, string path, CancellationToken cancellationToken)
    {
        var port = PortOf(ServicesOfPlan.Single(one => one.Name == service).Port);
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{port}{path}");
        using CancellationTokenSource limit = new(AnswerLimit, _session.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var answer = await _http.SendAsync(request, either.Token);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // nobody listens
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>From a port of the reference plan to the one that stands for it here.</summary>
    public int PortOf(int port)
    {
        if (!_ports.TryGetValue(port, out var free))
            _ports[port] = free = DemoListener.FreePort();
        return free;
    }

    public async ValueTask DisposeAsync()
    {
        await StopWritersAsync();
        _stopWriting.Dispose();
        foreach (var session in _hanging)
            await session.DisposeAsync();
        _stream?.Dispose();
        StopCopy();
        if (_board is not null)
            await _board.DisposeAsync();
        // All goes, whatever happened.
        foreach (var name in ServicesOfPlan.SelectMany(one => (IReadOnlyList<string>)[one.Name, $"{one.Name}-drill"]))
            if (File.Exists(PathOf(name, "pid")))
                await RunAsync("service", ["stop", name], CancellationToken.None);
        if (Sessions is not null)
            await Sessions.DisposeAsync();
        if (Objects is not null)
            await Objects.DisposeAsync();
        foreach (var cluster in (IReadOnlyList<DemoCluster>)[Restored, Cluster])
            if (cluster.HasServer)
                await cluster.StopAsync(CancellationToken.None);
        _http.Dispose();
    }

    private Task<ProcessResult> RunAsync(
        string script,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    ) =>
        new ProcessRunner(_session.Time).RunWellAsync(
            new ProcessRequest { Program = Path.Combine(Folder, "lib", script), Arguments = [.. words] },
            cancellationToken
        );

    private async Task UntilAsync(string what, Func<Task<bool>> isThere, CancellationToken cancellationToken)
    {
        var began = Time.GetTimestamp();
        while (!await isThere())
        {
            if (Time.GetElapsedTime(began) > StoredLimit)
                throw DemoProblems.NotReady(what);
            await Task.Delay(BetweenLooks, Time, cancellationToken);
        }
    }

    private void StopCopy()
    {
        if (_copy is not { } copy)
            return;
        if (!copy.HasExited)
            copy.Kill();
        copy.Dispose();
        _copy = null;
    }

    /// <summary>Who has ended and is only waited for runs no more.</summary>
    private bool IsRunning(string service)
    {
        try
        {
            var process = File.ReadAllText(PathOf(service, "pid")).Trim();
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it was never started, or is gone
        }
    }

    private string PathOf(string service, string what) => Path.Combine(Folder, "services", $"{service}.{what}");

    private Task WriteSecretAsync(string name, string text, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "etc")).FullName;
        return DemoSecret.WriteAsync(Path.Combine(folder, name), $"{text}\n", cancellationToken);
    }

    private async Task<HttpStatusCode> TakeMessageAsync(HttpListenerRequest request)
    {
        using var message = await System.Text.Json.JsonDocument.ParseAsync(
            request.InputStream,
            default,
            CancellationToken.None
        );
        lock (_messages)
            _messages.Add(message.RootElement.GetProperty("text").GetString() ?? "");
        return HttpStatusCode.OK;
    }
}
