using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Secrets;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

/// <summary>What the actions have in common to work with.</summary>
public sealed record ActionTools
{
    public required ProcessRunner Processes { get; init; }

    public required SecretReader Secrets { get; init; }

    public required HttpMessageInvoker Http { get; init; }

    public required IVaultWork Vault { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Folder for what a step needs while it works, and nobody afterwards.</summary>
    public required string ScratchFolder { get; init; }

    /// <summary>Environment variables; null when not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Another way to a cluster than by its kubeconfig; null: none.</summary>
    internal Func<Target.Kubernetes, ApiConnection?>? OpenCluster { get; init; }

    /// <summary>To the person who looks on, and nowhere else: what programs say may hold secrets.</summary>
    public required Action<string> Tell { get; init; }
}

/// <summary>One kind of action in the world, for one call. Each kind is a small class beside this one.</summary>
internal abstract class ActionWork(StepCall call, ActionTools tools)
{
    protected StepCall Call => call;

    protected ActionTools Tools => tools;

    /// <summary>What it would touch, and what its undo has to know.</summary>
    public virtual Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        Task.FromResult(StepReport.Done(call.Action.Describe()));

    /// <summary>The effect, up to where it is seen to be there.</summary>
    public abstract Task<StepReport> ActAsync(CancellationToken cancellationToken);

    /// <summary>Brings back what was noted before the effect; does no harm when nothing or a part of it was done.</summary>
    public virtual Task<StepReport> UndoAsync(CancellationToken cancellationToken) =>
        throw new System.Diagnostics.UnreachableException($"{call.Action.Kind} does not undo itself");

    /// <returns>Whether the effect is there; null when that cannot be told.</returns>
    public virtual Task<bool?> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

    protected T Target<T>(TargetId id)
        where T : Target => FindTarget<T>(call, id);

    internal static T FindTarget<T>(StepCall call, TargetId id)
        where T : Target =>
        call.Targets.OfType<T>().FirstOrDefault(target => target.Id == id)
        ?? throw ActionProblems.NoTarget(id, call.IsDrill);

    protected Task<PostgresConnection> ConnectAsync(TargetId id, CancellationToken cancellationToken) =>
        ConnectAsync(Target<Target.Postgres>(id), tools, cancellationToken);

    internal static Task<PostgresConnection> ConnectAsync(
        Target.Postgres target,
        ActionTools tools,
        CancellationToken cancellationToken
    ) =>
        PostgresConnection.OpenAsync(
            Postgres.Wire.ConnectionSettings.Parse(target.Connection, tools.Variable),
            SessionKind.Sql,
            tools.Time,
            cancellationToken
        );

    /// <summary>Runs a program to its end; what it says goes to the person who looks on.</summary>
    internal static async Task<int> RunAsync(
        ValueList<string> argv,
        StepCall call,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        var result = await tools.Processes.RunAsync(
            new ProcessRequest
            {
                Program = argv[0],
                Arguments = [.. argv.Skip(1)],
                Timeout = call.Step.Timeout,
                EndsWithUs = true,
                Environment = new Dictionary<string, string?>
                {
                    ["RESURGAM_RUN"] = call.Run.Value,
                    ["RESURGAM_STEP"] = call.Step.Id.Value,
                    ["RESURGAM_DRILL"] = call.IsDrill ? "1" : "0",
                },
            },
            cancellationToken
        );
        foreach (var line in $"{result.OutputText}\n{result.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries))
            tools.Tell($"{call.Step.Id}: {line}");
        return result.ExitCode;
    }
}
