namespace Resurgam.Core.Problems;

/// <summary>The only exception this system throws on purpose across a module border.</summary>
public sealed class ResurgamException : Exception
{
    public ResurgamException(Problem problem, Exception? cause = null)
        : base(problem.ToString(), cause) => Problems = [problem];

    /// <param name="problems">At least one; all are shown, the first decides the exit code.</param>
    public ResurgamException(IReadOnlyList<Problem> problems)
        : base(string.Join("\n", problems)) => Problems = problems;

    /// <summary>The first problem.</summary>
    public Problem Problem => Problems[0];

    /// <summary>Everything found wrong at once; never empty.</summary>
    public IReadOnlyList<Problem> Problems { get; }
}
