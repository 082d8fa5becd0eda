using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>What came of reading a plan file. Closed.</summary>
public abstract record PlanReading
{
    private PlanReading() { }

    public sealed record Good(Plan Plan) : PlanReading
    {
        /// <summary>Where its parts stand in the file.</summary>
        public PlanMarks Marks { get; init; } = new();
    }

    /// <param name="Problems">At least one, in the order of the file.</param>
    public sealed record Bad(ValueList<PlanProblem> Problems) : PlanReading
    {
        /// <summary>What could be read, with gaps; for nothing but to look for more that is wrong. Null: too little.</summary>
        public Plan? Draft { get; init; }

        /// <summary>Where its parts stand in the file, also those that could not be read.</summary>
        public PlanMarks Marks { get; init; } = new();
    }
}

/// <summary>Something wrong with the plan file, and where.</summary>
/// <param name="Problem">What is wrong, without the place.</param>
/// <param name="File">As given to <see cref="PlanReader.Read"/>.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
public sealed record PlanProblem(Problem Problem, string File, int Line, int Column)
{
    /// <summary>The problem with its place in front, as editors and people expect it: <c>file:line:column: what</c>.</summary>
    public Problem Placed => Problem with { What = $"{File}:{Line}:{Column}: {Problem.What}" };

    public override string ToString() => Placed.ToString();
}
