using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The plan as a document that people sign.</summary>
public sealed record DocumentFacts
{
    public string? Title { get; init; }

    public string? Summary { get; init; }

    public string? Version { get; init; }

    public DateOnly? Updated { get; init; }

    /// <summary>Names of people.</summary>
    public string? Owner { get; init; }

    public string? Approver { get; init; }

    public ValueList<string> Reviewers { get; init; } = [];

    public TimeSpan? ReviewEvery { get; init; }

    public DateOnly? NextReview { get; init; }

    /// <summary>Rules that the plan must satisfy.</summary>
    public ValueList<RuleProfile> Profiles { get; init; } = [];

    /// <summary>What is done after every incident, in words.</summary>
    public ValueList<string> AfterIncident { get; init; } = [];

    public ValueList<DocumentChange> Changes { get; init; } = [];
}

/// <summary>Rules of others that the check can hold the plan to.</summary>
public enum RuleProfile
{
    /// <summary>45 CFR 164.308(a)(7) and 164.316(b)(2).</summary>
    Hipaa,
}

/// <summary>A line of the change log.</summary>
public sealed record DocumentChange(string Version, DateOnly Date, string Author, string What);
