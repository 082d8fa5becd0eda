using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Format;

/// <summary>What can be wrong with a document of a repository.</summary>
public static class FormatProblems
{
    /// <param name="document">In the operator's words: <c>index</c>, <c>pack header</c>.</param>
    /// <param name="wrong">What is wrong with it, with the values.</param>
    /// <param name="cause">What the parser said.</param>
    public static ResurgamException Malformed(string document, string wrong, Exception? cause = null) =>
        new(
            new Problem(
                "vault-format",
                Remedy.Fix,
                What: $"the {document} is malformed: {wrong}",
                Hint: "Run `restic check` on this generation: when it names the same file, take that file from another copy of the vault; when it does not, report this."
            ),
            cause
        );

    public static ResurgamException UnsupportedVersion(long version) =>
        new(
            new Problem(
                "vault-version",
                Remedy.Fix,
                What: $"the repository has format version {version}, and this program knows 1 and 2",
                Hint: "Use a newer release, or check with `restic cat config` that this is the repository you mean."
            )
        );

    /// <param name="name">The name, also one that cannot be shown.</param>
    /// <param name="wrong">Why a tree cannot hold it.</param>
    public static ResurgamException NodeRefused(string name, string wrong) =>
        new(
            new Problem(
                "vault-node-refused",
                Remedy.Report,
                What: $"'{GoQuoting.Quote(name)}' cannot be written to a tree: {wrong}",
                Hint: "Leave the file out of the capture until it is solved, and report its name and what listed it."
            )
        );
}
