using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Format;

/// <summary>What can be wrong with a document of a repository. Bytes that reach these readers were authenticated before.</summary>
public static class FormatProblems
{
    /// <param name="document">In the operator's words: <c>index</c>, <c>pack header</c>.</param>
    /// <param name="wrong">What is wrong with it, with the values.</param>
    public static ResurgamException Malformed(string document, string wrong, Exception? cause = null) =>
        new(
            new Problem(
                "vault-format",
                Remedy.Fix,
                What: $"a {document} of the repository is malformed: {wrong}",
                Hint: "The bytes are as their writer sealed them, so a program wrote them wrongly: look with `restic check --read-data` which file it is, and restore from another copy of the vault."
            ),
            cause
        );
}
