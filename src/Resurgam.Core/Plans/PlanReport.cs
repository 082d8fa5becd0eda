using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

/// <summary>Collects what is wrong with one plan file.</summary>
internal sealed class PlanReport(string file)
{
    /// <summary>Enough to work on; the thousandth problem of a wrong file helps nobody.</summary>
    public const int MaxProblems = 100;

    /// <summary>More than are shown, because they are found in another order than that of the file.</summary>
    private const int MaxKept = 10 * MaxProblems;

    private readonly List<PlanProblem> _problems = [];

    public string File => file;

    /// <summary>Where each part of the plan stands.</summary>
    public PlanMarks Marks { get; } = new();

    public void Note(string section, string key, YamlMark at) => Marks.Note(section, key, at);

    /// <summary>From here on nothing is taken: looking further is of no use.</summary>
    public bool IsFull => _problems.Count >= MaxKept;

    public bool IsClean => _problems.Count == 0;

    public void Add(YamlMark at, Problem problem)
    {
        if (IsFull)
            return;
        var isConsequence = _problems.Any(p => p.Line == at.Line && p.Column == at.Column && IsAlias(p.Problem));
        if (!isConsequence || IsAlias(problem))
            _problems.Add(new PlanProblem(problem, file, at.Line, at.Column));
    }

    /// <summary>In the order of the file.</summary>
    public PlanReading.Bad ToReading() =>
        new([.. _problems.OrderBy(p => p.Line).ThenBy(p => p.Column).Distinct().Take(MaxProblems)]);

    /// <summary>A refused alias has no value, and that this is missing too need not be told.</summary>
    private static bool IsAlias(Problem problem) => problem.Code == PlanProblems.AliasCode;
}
