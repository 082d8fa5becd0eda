using System.Text.RegularExpressions;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Files;

/// <summary>
/// Faults of disks and rights that nobody nearer to them has told of: no bugs, but what a person mends at a path. For the edge
/// of a command.
/// </summary>
public static partial class FileFaults
{
    /// <param name="exception">What nobody caught.</param>
    /// <param name="stateFolder">Absolute; null while the command knows of none.</param>
    /// <returns>Null when it is nothing of the kind.</returns>
    public static ResurgamException? Find(Exception exception, string? stateFolder)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is not (IOException or UnauthorizedAccessException))
                continue;
            var path = PathIn(e.Message);
            if (IsBelow(path, stateFolder))
                return StateProblems.From(stateFolder ?? "", path ?? "", e);
            if (e is IOException io && Errno.IsNoSpace(io))
                return FileProblems.Full(path, e);
            if (e is UnauthorizedAccessException || (e is IOException other && Errno.IsOfSurroundings(other)))
                return FileProblems.Failed(path, e);
        }
        return null;
    }

    private static bool IsBelow(string? path, string? folder) =>
        path is not null
        && folder is not null
        && (
            path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal)
        );

    /// <summary>The runtime tells the path in quotes, <see cref="Errno"/> without.</summary>
    private static string? PathIn(string message) =>
        QuotedPath().Match(message) is { Success: true } quoted ? quoted.Groups[1].Value
        : NamedPath().Match(message) is { Success: true } named ? named.Groups[1].Value
        : null;

    [GeneratedRegex("'(/.*)'", RegexOptions.Singleline)]
    private static partial Regex QuotedPath();

    [GeneratedRegex("^cannot [^/]* (/.*): [^:]*$", RegexOptions.Singleline)]
    private static partial Regex NamedPath();
}
