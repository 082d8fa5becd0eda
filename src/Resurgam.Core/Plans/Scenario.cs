using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>A kind of disaster, with its objectives and its runbook.</summary>
public sealed record Scenario
{
    public required string Name { get; init; }

    /// <summary>For people; the name when the plan has none.</summary>
    public required string Title { get; init; }

    public Impact? Impact { get; init; }

    public Probability? Probability { get; init; }

    public Objectives Objectives { get; init; } = new();

    /// <summary>Name of the runbook. Null: none.</summary>
    public string? Runbook { get; init; }

    /// <summary>Names of assets, services and dependencies that it hits.</summary>
    public ValueList<string> Affects { get; init; } = [];

    /// <summary>How people notice it.</summary>
    public ValueList<string> Symptoms { get; init; } = [];

    /// <summary>Name of a severity.</summary>
    public string? Severity { get; init; }
}

/// <summary>What is promised: most loss, longest outage, and the outage that ends the business.</summary>
/// <param name="Rto">Longest that it may be down.</param>
/// <param name="Rpo">Most data that may be lost, as time.</param>
/// <param name="Mtpd">Maximum tolerable period of disruption (ISO 22301).</param>
public sealed record Objectives(TimeSpan? Rto = null, TimeSpan? Rpo = null, TimeSpan? Mtpd = null);

public enum Impact
{
    Partial,
    Full,
    Varies,
}

public enum Probability
{
    VeryLow,
    Low,
    Medium,
    High,
}

/// <summary>A run of a scenario's runbook against an isolated target.</summary>
public sealed record Drill
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>Name of the scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>Conditions in words, for people.</summary>
    public ValueList<string> Success { get; init; } = [];

    /// <summary>When the drill is cut off.</summary>
    public ValueList<string> AbortWhen { get; init; } = [];

    /// <summary>Makes the place of the drill.</summary>
    public ValueList<RunbookStep> Prepare { get; init; } = [];

    /// <summary>The faults.</summary>
    public ValueList<RunbookStep> Inject { get; init; } = [];

    /// <summary>What must hold within the RTO, and keep holding for <see cref="HoldFor"/>.</summary>
    public ValueList<Condition> Holds { get; init; } = [];

    public required TimeSpan HoldFor { get; init; }

    /// <summary>When the newest data was written, asked before the faults. Null: the moment of the fault counts.</summary>
    public StepAction.Measure? NewestBefore { get; init; }

    /// <summary>The same at the end. Null: the loss is not measured.</summary>
    public StepAction.Measure? NewestAfter { get; init; }

    /// <summary>The replica that its restores read. Null: the vault's own place.</summary>
    public string? From { get; init; }

    /// <summary>How it is carried out, in canonical JSON with the keys of the plan. Empty: it is one in words only.</summary>
    public string Text { get; init; } = "";
}
