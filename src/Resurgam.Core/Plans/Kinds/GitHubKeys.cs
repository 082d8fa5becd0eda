using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>An organisation on GitHub.</summary>
internal static class GitHubKeys
{
    public static readonly PlanKey<string> Organisation = new("organisation", GitKind.OrganisationType)
    {
        IsRequired = true,
        Example = "acme",
        About = "Name of the organisation, as in its address.",
    };

    public static readonly PlanKey<string> Api = new("api", GitKind.ApiType)
    {
        Default = "https://api.github.com",
        Example = "https://git.example.net/api/v3",
        About = "Address of the API, where it is not GitHub's own.",
    };

    public static readonly PlanKey<SecretSource?> Token = new("token", SecretSection.Type.OrNone)
    {
        DefaultInWords = "none: only what everybody sees",
        Example = "{ env: GITHUB_TOKEN }",
        About =
            "Where the token is found; it may read the metadata and the contents of every repository. Without `user` and `ssh-key` of the asset it also opens the repositories.",
    };

    public static readonly PlanKey<ValueList<string>> Exclude = new("exclude", PlanTypes.Patterns)
    {
        DefaultInWords = "none",
        Example = "['sandbox-*']",
        About = "Repositories that stay out, by their names.",
    };

    public static readonly PlanSection Section = new(
        "assets.NAME.github",
        "An organisation on GitHub, or on a server with its API.",
        [Organisation, Api, Token, Exclude]
    );
}
