namespace Resurgam.Core.Plans.Checks;

/// <summary>Something in a readable plan that will hurt on the worst day. Every code has its page below docs/findings.</summary>
/// <param name="Path">What it is about: <c>scenarios.database-loss</c>; <see cref="PlanMarks.Of"/> gives its line.</param>
/// <param name="What">With the values, lower case and without a full stop.</param>
/// <param name="Hint">What to change, as a sentence.</param>
public sealed record Finding(string Code, FindingSeverity Severity, string Path, string What, string Hint);

public enum FindingSeverity
{
    /// <summary>Somebody should look.</summary>
    Warning,

    /// <summary>The plan does not keep what it promises.</summary>
    Error,
}
