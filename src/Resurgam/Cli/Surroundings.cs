using Resurgam.Adapters.Traces;
using Resurgam.Core.Vaults;

namespace Resurgam.Cli;

/// <summary>Everything that a command gets from outside, so that a test can hand in its own.</summary>
internal sealed record Surroundings
{
    /// <summary>Data, and nothing else.</summary>
    public required TextWriter Stdout { get; init; }

    /// <summary>Standard output for bytes that are no text; <see cref="Stdout"/> is not used together with it.</summary>
    public required Func<Stream> OpenStdout { get; init; }

    /// <summary>Progress, notes and errors.</summary>
    public required TextWriter Stderr { get; init; }

    /// <summary>Whether a person looks at <see cref="Stderr"/>.</summary>
    public required bool IsTerminal { get; init; }

    public required TimeProvider Time { get; init; }

    public required IEntropy Entropy { get; init; }

    /// <summary>Environment variables; null or empty when not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Absolute; relative paths of the command line start here.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>True for root: then state lives below /var.</summary>
    public required bool IsRoot { get; init; }

    /// <summary>Null: nobody wants traces.</summary>
    public TraceExport? Traces { get; init; }

    /// <returns>Null when the variable is not set or empty.</returns>
    public string? FindVariable(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
