using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>A disaster of the reference plan: what breaks, and how one sees from outside that it is over.</summary>
internal abstract class DemoScenario
{
    /// <summary>As <c>demo --scenario</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>As the reference plan calls it.</summary>
    public abstract string InPlan { get; }

    /// <summary>What breaks, in words.</summary>
    public abstract string Fault { get; }

    /// <summary>The step in which the first process that leads the run is killed.</summary>
    public abstract StepId KilledIn { get; }

    /// <summary>The replica of the vault that everything works in from the disaster on. Null: the vault's own place.</summary>
    public virtual string? From => null;

    /// <summary>False: the database is not hit, and works on beside the run.</summary>
    public virtual bool HitsDatabase => true;

    /// <summary>False: nothing of its runbook is done to the cluster.</summary>
    public virtual bool HitsCluster => true;

    /// <summary>Copies and people's work before the disaster that others do not need.</summary>
    public virtual Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Breaks it, for real.</summary>
    /// <returns>The recovery point that the run is begun with. Null: the latest.</returns>
    public abstract Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken);

    /// <summary>While <see cref="KilledIn"/> runs: it is in the middle of its work.</summary>
    public virtual bool IsInTheMiddle(ReferencePlatform platform) => true;

    /// <summary>What a person does by hand, and what they say about it.</summary>
    public abstract Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    );

    /// <summary>Why the step is skipped where it waits for an approval. Null: it is approved.</summary>
    public virtual string? SkipsFor(StepId step) => null;

    /// <summary>Asked from outside of the run, again and again.</summary>
    public abstract Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken);

    /// <summary>Which of the program's scenarios is called so. Their order is that of the help.</summary>
    public static IReadOnlyList<DemoScenario> All { get; } =
    [
        new DatabaseLoss(),
        new ServiceFailure(),
        new Corruption(),
        new Breach(),
        new RegionOutage(),
        new ClusterFailure(),
        new DatabaseConnections(),
    ];
}
