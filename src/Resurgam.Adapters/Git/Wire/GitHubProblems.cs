using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Wire;

/// <summary>Everything that can go wrong when an organisation's repositories are listed.</summary>
internal static class GitHubProblems
{
    public static ResurgamException Unreachable(Uri api, string reason, Exception? cause) =>
        Of(
            "github-unreachable",
            Remedy.Retry,
            $"{api} cannot be asked for repositories: {reason}",
            "Check 'github.api' of the asset and the way there: 'curl -sS API/zen'.",
            cause
        );

    public static ResurgamException Refused(Uri api, int status) =>
        Of(
            "github-refused",
            Remedy.Fix,
            string.Create(CultureInfo.InvariantCulture, $"{api} refuses the token ({status})"),
            "The token needs to read the metadata and the contents of all repositories of the organisation; an expired one is refused, too."
        );

    public static ResurgamException NoOrganisation(Uri api, string organisation) =>
        Of(
            "github-refused",
            Remedy.Fix,
            $"{api} knows no organisation {organisation}, or does not show it to this token",
            "Check 'github.organisation' of the asset, and that the token belongs to a member."
        );

    public static ResurgamException Limited(Uri api, DateTimeOffset until) =>
        Of(
            "github-limited",
            Remedy.Retry,
            $"{api} takes no more questions until {until.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}",
            "Run the backup again then; a token of its own for Resurgam has a limit of its own."
        );

    public static ResurgamException Garbled(Uri api, string how) =>
        Of(
            "github-garbled",
            Remedy.Fix,
            $"{api} answers with something else than a list of repositories: {how}",
            "Check 'github.api': it is https://api.github.com, or https://HOST/api/v3 of a GitHub Enterprise server."
        );

    private static ResurgamException Of(
        string code,
        Remedy remedy,
        string what,
        string hint,
        Exception? cause = null
    ) => new(new Problem(code, remedy, what, hint), cause);
}
