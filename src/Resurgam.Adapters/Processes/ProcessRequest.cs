using Resurgam.Core.Values;

namespace Resurgam.Adapters.Processes;

/// <summary>A program to run to its end. Never a shell line: what is one argument here is one argument there.</summary>
public sealed record ProcessRequest
{
    /// <summary>A path, or a name that is looked up in <c>PATH</c> (and never in the working folder).</summary>
    public required string Program { get; init; }

    public ValueList<string> Arguments { get; init; } = [];

    /// <summary>What the child's environment has in addition to ours; null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Null: ours, or <c>/</c> for another user, who may not be allowed into ours.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Name of the user who runs it, with that user's groups and home. Null: we ourselves. Only root may be another.</summary>
    public string? User { get; init; }

    /// <summary>Its standard input, to the end.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>
    /// It, and what it started in its session, is killed when we end before it does, by kill -9 too: whoever takes over must not meet it.
    /// Without <see cref="Input"/>.
    /// </summary>
    public bool EndsWithUs { get; init; }

    /// <summary>Lets its standard error go where ours goes, for programs that talk to a person.</summary>
    public bool SharesError { get; init; }

    /// <summary>After it the program and all its children are killed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Of standard output as many bytes are kept from its beginning, of standard error from its end.</summary>
    public int MaxOutputBytes { get; init; } = 1 << 20;
}

/// <summary>What came of it.</summary>
/// <param name="ExitCode">128 and the signal's number for a program that was killed.</param>
/// <param name="Output">The beginning of standard output.</param>
/// <param name="Error">The end of standard error, as text.</param>
/// <param name="IsCut">True when there was more of either.</param>
/// <param name="Duration">From its start to its end.</param>
public sealed record ProcessResult(
    int ExitCode,
    ReadOnlyMemory<byte> Output,
    string Error,
    bool IsCut,
    TimeSpan Duration
)
{
    public string OutputText => System.Text.Encoding.UTF8.GetString(Output.Span);
}
