using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

/// <summary>One key of the plan file: read, checked and documented from this one description.</summary>
internal abstract class PlanKey(string name, string type)
{
    public string Name => name;

    /// <summary>The type in words: "duration".</summary>
    public string Type => type;

    public bool IsRequired { get; init; }

    /// <summary>What holds without the key, as it would be written; null when then nothing holds.</summary>
    public string? Default { get; init; }

    /// <summary>For a default that has to be told in words because it depends on other keys.</summary>
    public string? DefaultInWords { get; init; }

    /// <summary>A value in flow style, so that <c>key: example</c> is one line.</summary>
    public required string Example { get; init; }

    /// <summary>What it does, a sentence or two.</summary>
    public required string About { get; init; }
}

/// <inheritdoc cref="PlanKey"/>
internal sealed class PlanKey<T>(string name, PlanType<T> type) : PlanKey(name, type.Name)
{
    /// <summary>Stands where a value could not be read, so that reading goes on; a plan with one in it is never handed out.</summary>
    public T StandIn => type.StandIn;

    public T Read(PlanValue value) => type.Read(value);
}

/// <summary>How values of one type are read. What is wrong goes to the report, and the stand-in comes back.</summary>
internal sealed record PlanType<T>(string Name, T StandIn, Func<PlanValue, T> Read);

/// <summary>A value on its way into a plan.</summary>
/// <param name="Path">For messages: <c>assets.db.wal.slot</c>.</param>
/// <param name="Example">What would be right here.</param>
internal readonly record struct PlanValue(YamlNode Node, string Path, string Example, PlanReport Report)
{
    public void Refuse(Problem problem) => Report.Add(Node.At, problem);

    public PlanValue Child(YamlNode node, string name) => this with { Node = node, Path = $"{Path}.{name}" };
}

/// <summary>Keys that stand together.</summary>
/// <param name="Path">For the reference: <c>assets.NAME.wal</c>.</param>
/// <param name="About">A sentence.</param>
internal sealed record PlanSection(string Path, string About, IReadOnlyList<PlanKey> Keys);
