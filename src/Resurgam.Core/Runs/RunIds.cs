namespace Resurgam.Core.Runs;

/// <summary>Name of a runbook: of the same characters as an asset's.</summary>
public readonly record struct RunbookId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Name of a step, once in its runbook: of the same characters as an asset's.</summary>
public readonly record struct StepId(string Value) : IComparable<StepId>
{
    public int CompareTo(StepId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    public static bool operator <(StepId left, StepId right) => left.CompareTo(right) < 0;

    public static bool operator >(StepId left, StepId right) => left.CompareTo(right) > 0;

    public static bool operator <=(StepId left, StepId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StepId left, StepId right) => left.CompareTo(right) >= 0;
}

/// <summary>Name of a target: of the same characters as an asset's.</summary>
public readonly record struct TargetId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Name of a run, and of its stream in the ledger: <c>database-loss-20261124-025304-a1b2</c>.</summary>
public readonly record struct RunId(string Value)
{
    public override string ToString() => Value;
}
