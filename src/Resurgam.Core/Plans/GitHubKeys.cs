using System.Text.Json;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The keys of an organisation on GitHub: how they are read and written.</summary>
internal static class GitHubKeys
{
    private static readonly PlanType<string> OrganisationType = new("name of an organisation", "", ReadOrganisation);

    private static readonly PlanType<string> ApiType = new("address of a web service", "", ReadApi);

    public static readonly PlanKey<string> Organisation = new("organisation", OrganisationType)
    {
        IsRequired = true,
        Example = "acme",
        About = "Name of the organisation, as in its address.",
    };

    public static readonly PlanKey<string> Api = new("api", ApiType)
    {
        Default = "https://api.github.com",
        Example = "https://git.example.net/api/v3",
        About = "Address of the API, where it is not GitHub's own.",
    };

    public static readonly PlanKey<SecretSource?> Token = new("token", PlanReader.SecretType.OrNone)
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

    public static GitHubSettings Read(PlanMapping keys) =>
        new()
        {
            Organisation = keys.Get(Organisation),
            Api = keys.Get(Api),
            Token = keys.Get(Token),
            Exclude = keys.Get(Exclude),
        };

    public static void Write(Utf8JsonWriter json, GitHubSettings settings)
    {
        json.WriteStartObject("github");
        json.WriteString("organisation", settings.Organisation);
        json.WriteString("api", settings.Api);
        if (settings.Token is { } token)
            PlanJson.WriteSecret(json, "token", token);
        PlanJson.WriteTexts(json, "exclude", settings.Exclude);
        json.WriteEndObject();
    }

    private static string ReadOrganisation(PlanValue value)
    {
        var written = PlanTypes.ReadText(value) ?? "";
        if (!written.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || written is "." or "..")
            value.Refuse(
                new Problem(
                    "plan-git-address",
                    Remedy.Fix,
                    $"{value.Path} is '{written}', which is no organisation's name",
                    "Write the name alone, as in https://github.com/NAME."
                )
            );
        return written;
    }

    private static string ReadApi(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return "";
        if (
            Uri.TryCreate(written, UriKind.Absolute, out var address)
            && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback))
            && address.Query.Length + address.Fragment.Length + address.UserInfo.Length == 0
        )
            return written.TrimEnd('/');
        value.Refuse(
            new Problem(
                "plan-git-address",
                Remedy.Fix,
                $"{value.Path} is no address of a web service",
                "Write https://HOST or https://HOST/PATH, without a password; http:// only for this machine itself."
            )
        );
        return "";
    }
}
