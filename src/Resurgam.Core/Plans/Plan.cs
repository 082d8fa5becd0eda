using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>What must survive, and where its copies live. Immutable, compared by value; made by <see cref="PlanReader"/>.</summary>
public sealed record Plan
{
    /// <summary>Key <c>name</c>; without it the file's name without its ending.</summary>
    public required string Name { get; init; }

    public required VaultPlace Vault { get; init; }

    /// <summary>In the order of the file, each id once.</summary>
    public required ValueList<Asset> Assets { get; init; }

    public ValueList<RecoverySet> RecoverySets { get; init; } = [];

    /// <summary>What the steps of the runbooks act on. In the order of the file, each id once.</summary>
    public ValueList<Target> Targets { get; init; } = [];

    /// <summary>In the order of the file, each id once; what their steps name is in the plan.</summary>
    public ValueList<Runbook> Runbooks { get; init; } = [];

    /// <summary>Key <c>state</c>, absolute: cache and spool of this machine. Null: the program's default.</summary>
    public string? StateDirectory { get; init; }

    public DocumentFacts? Document { get; init; }

    /// <summary>Of the whole; a scenario may promise more.</summary>
    public Objectives? Objectives { get; init; }

    /// <summary>All lists below: in the order of the file, each name once.</summary>
    public ValueList<Schedule> Schedules { get; init; } = [];

    /// <summary>Null: everything is kept.</summary>
    public Retention? Retention { get; init; }

    public ValueList<ServicePlan> Services { get; init; } = [];

    public ValueList<Dependency> Dependencies { get; init; } = [];

    public ValueList<KeptKey> Keys { get; init; } = [];

    public ValueList<Scenario> Scenarios { get; init; } = [];

    public ValueList<Drill> Drills { get; init; } = [];

    public ValueList<Person> People { get; init; } = [];

    public ValueList<Channel> Channels { get; init; } = [];

    /// <summary>The first called first.</summary>
    public ValueList<Escalation> OnCall { get; init; } = [];

    /// <summary>The worst first.</summary>
    public ValueList<Severity> Severities { get; init; } = [];

    public ValueList<NoticeTemplate> Templates { get; init; } = [];

    public ValueList<Vendor> Vendors { get; init; } = [];

    public ValueList<MetricTarget> Metrics { get; init; } = [];

    /// <summary>
    /// Identity of the content: SHA-256 of <see cref="PlanJson"/>'s canonical form, 64 lower-case hexadecimal digits.
    /// Comments, order of keys, quotes and written-out defaults do not change it.
    /// </summary>
    public string Hash => PlanJson.HashOf(this);

    public Asset? FindAsset(AssetId id) => Assets.FirstOrDefault(asset => asset.Id == id);

    /// <summary>Null as well when an asset has the name: <c>plan check</c> finds that.</summary>
    public RecoverySet? FindRecoverySet(string name) =>
        Assets.Any(asset => asset.Id.Value == name) ? null : RecoverySets.FirstOrDefault(set => set.Name == name);

    /// <exception cref="Problems.ResurgamException">
    /// <c>plan-asset-unknown</c>: the plan has no such asset; the hint names those it has.
    /// </exception>
    public Asset GetAsset(string id) =>
        Assets.FirstOrDefault(asset => asset.Id.Value == id) ?? throw PlanProblems.AssetUnknown(this, id);
}

/// <summary>Where the vault lives and what opens it.</summary>
public sealed record VaultPlace
{
    /// <summary>The vault's own place.</summary>
    public required StorePlace Primary { get; init; }

    public required SecretSource Secret { get; init; }

    /// <summary>Other places with a copy of it, in the order of the file.</summary>
    public ValueList<ReplicaPlace> Replicas { get; init; } = [];

    /// <summary>Every byte of it is to be read and checked within so long. Null: not said.</summary>
    public TimeSpan? ScrubWithin { get; init; }

    /// <summary>At least so often all of it is to be on offline media, confirmed where they are kept. Null: not asked for.</summary>
    public TimeSpan? OfflineWithin { get; init; }

    public StoreAddress Store => Primary.Store;
}
