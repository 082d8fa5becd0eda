namespace Resurgam.Core.Problems;

/// <summary>One failure, told to a person at three in the morning.</summary>
/// <param name="Code">Stable name, e.g. <c>vault-wrong-secret</c>; <c>docs/errors/CODE.md</c> explains it.</param>
/// <param name="Remedy">Who can act: the program, the operator, or us.</param>
/// <param name="What">What happened, with the values, lower case and without a full stop.</param>
/// <param name="Hint">The next thing to do, as a sentence with a command or a fact to check in it.</param>
public sealed record Problem(string Code, Remedy Remedy, string What, string Hint)
{
    public override string ToString() => $"{What}\nhint: {Hint}\ncode: {Code}";
}

/// <summary>Who can act on a problem.</summary>
public enum Remedy
{
    /// <summary>The program: the same call may succeed later.</summary>
    Retry,

    /// <summary>The operator: something outside has to change first.</summary>
    Fix,

    /// <summary>Us: this should not have happened.</summary>
    Report,
}
