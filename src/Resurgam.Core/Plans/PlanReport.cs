using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

/// <summary>Collects what is wrong with one plan file.</summary>
internal sealed class PlanReport(string file)
{
    /// <summary>Enough to work on; the thousandth problem of a wrong file helps nobody.</summary>
    public const int MaxProblems = 100;

    private readonly List<PlanProblem> _problems = [];

    public string File => file;

    public bool IsClean => _problems.Count == 0;

    public void Add(YamlMark at, Problem problem) => _problems.Add(new PlanProblem(problem, file, at.Line, at.Column));

    /// <summary>In the order of the file.</summary>
    public PlanReading.Bad ToReading() =>
        new([.. _problems.OrderBy(p => p.Line).ThenBy(p => p.Column).Distinct().Take(MaxProblems)]);
}
