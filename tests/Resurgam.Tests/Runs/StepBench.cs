using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Runs;
using Resurgam.Adapters.Secrets;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

/// <summary>One step of a plan, done as the interpreter does it: what is noted before goes with every later call.</summary>
internal sealed class StepBench
{
    private readonly StepWork _work;
    private readonly CancellationToken _cancellationToken;
    private StepCall _call;

    /// <param name="targets">The group <c>targets</c> of a plan, in flow style.</param>
    /// <param name="step">A step of a runbook, in flow style.</param>
    /// <param name="time">Null: short waits pass at once.</param>
    public StepBench(string targets, string step, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        Time = time ?? new HastyTime(TimeSpan.FromSeconds(30));
        var plan = ReadGood(
            $"{{ resurgam: 1, vault: {{ store: file:///v, secret: {{ env: S }} }}, assets: {{ db: {{ kind: postgres, connection: host=x }}, sessions: {{ kind: redis, host: x, restore: {{ start-empty: true }} }} }}, targets: {targets}, runbooks: {{ r: {{ steps: {{ s: {step} }} }} }} }}"
        );
        var read = plan.Runbooks[0].Steps[0];
        _cancellationToken = cancellationToken;
        _call = new StepCall
        {
            Run = new RunId("r-20261125-120000-abcd"),
            Step = read,
            Action = read.Action,
            Attempt = 1,
            Targets = plan.Targets,
        };
        ProcessRunner processes = new(Time);
        _work = new StepWork(
            new ActionTools
            {
                Processes = processes,
                Secrets = new SecretReader(processes, name => Variables.GetValueOrDefault(name)),
                Http = new HttpMessageInvoker(new Forward(() => Http)),
                Vault = Kept,
                Time = Time,
                Variable = name => Variables.GetValueOrDefault(name),
                Tell = _ => { },
                ScratchFolder = Scratch,
                OpenCluster = _ => Cluster?.Connect(Time),
            }
        );
    }

    /// <summary>Of all benches: what a step leaves there would be a mistake.</summary>
    public static string Scratch { get; } = Path.Combine(Path.GetTempPath(), $"resurgam-steps-{Environment.ProcessId}");

    public TimeProvider Time { get; }

    public StepAction Action => _call.Action;

    /// <summary>Null: as the target says.</summary>
    public KubernetesDouble? Cluster { get; init; }

    public HttpMessageHandler Http { get; init; } = new SocketsHttpHandler();

    public Dictionary<string, string> Variables { get; } = [];

    public MemoryVaultWork Kept { get; } = new();

    public async Task<StepReport> LookAsync()
    {
        var report = await _work.LookAsync(_call, _cancellationToken);
        _call = _call with { Notes = [.. _call.Notes, .. report.Notes] };
        return report;
    }

    /// <summary>Looks, and acts.</summary>
    public async Task<StepReport> RunAsync()
    {
        await LookAsync();
        return await ActAsync();
    }

    public async Task<StepReport> ActAsync()
    {
        var report = await _work.ActAsync(_call, _cancellationToken);
        _call = _call with { Notes = [.. _call.Notes, .. report.Notes] };
        return report;
    }

    /// <summary>As after a crash.</summary>
    public Task<StepReport> RepeatAsync()
    {
        _call = _call with { Attempt = _call.Attempt + 1, IsResumed = true };
        return ActAsync();
    }

    /// <summary>As a person asks for it after a failure.</summary>
    public Task<StepReport> RetryAsync()
    {
        _call = _call with { Attempt = _call.Attempt + 1, IsResumed = false };
        return ActAsync();
    }

    public Task<bool?> ProbeAsync() => _work.ProbeAsync(_call, _cancellationToken);

    public Task<StepReport> UndoAsync() => _work.ActAsync(_call with { IsUndo = true }, _cancellationToken);

    private static Plan ReadGood(string yaml) =>
        PlanReader.Read(yaml, "/etc/resurgam/resurgam.yaml") switch
        {
            PlanReading.Good(var plan) => plan,
            PlanReading.Bad(var problems) => throw new InvalidOperationException(string.Join("\n", problems)),
            _ => throw new InvalidOperationException("a third kind of reading"),
        };

    /// <summary>The handler is given after the constructor has run.</summary>
    private sealed class Forward(Func<HttpMessageHandler> handler) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => new HttpMessageInvoker(handler(), disposeHandler: false).SendAsync(request, cancellationToken);
    }
}

/// <summary>A vault that only keeps evidence.</summary>
internal sealed class MemoryVaultWork : IVaultWork
{
    public Dictionary<string, byte[]> Files { get; } = [];

    public Task<StepReport> BackUpAsync(string asset, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<StepReport> VerifyAsync(string asset, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<StepReport> RestoreAsync(
        StepAction.VaultRestore action,
        string folder,
        string at,
        bool isDryRun,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<StepReport> CopyAsync(
        string replica,
        bool readsBack,
        bool isDryRun,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<string> KeepAsync(string folder, IReadOnlyList<EvidenceFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
            Files[$"{folder}/{file.Name}"] = file.Content;
        return Task.FromResult(new string('a', 64));
    }
}
