using Resurgam.Core.Problems;

namespace Resurgam.Cli;

/// <summary>A problem in a document that tells of more than it.</summary>
internal sealed record ProblemView(string Code, string Remedy, string What, string Hint)
{
    public static ProblemView Of(Problem problem) =>
        new(problem.Code, problem.Remedy.ToString().ToLowerInvariant(), problem.What, problem.Hint);

    public Problem ToProblem() =>
        new(
            Code,
            Enum.TryParse<Remedy>(Remedy, ignoreCase: true, out var remedy) ? remedy : Core.Problems.Remedy.Fix,
            What,
            Hint
        );
}
