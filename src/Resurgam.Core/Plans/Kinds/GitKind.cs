using System.Text.Json;
using Resurgam.Core.Git;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes Git repositories.</summary>
internal static class GitKind
{
    /// <summary>Not kept: the keys need the types of this class, and this needs the keys.</summary>
    public static AssetKind Kind =>
        AssetKind.Of(Asset.Git.KindName, [GitKeys.Section, GitHubKeys.Section], Read, Write);

    public static PlanType<ValueList<GitAddress>> AddressesType { get; } = new("list of addresses", [], ReadAddresses);

    public static PlanType<PlanMapping?> GitHubType { get; } =
        new("group", null, value => new PlanMapping(value, GitHubKeys.Section));

    public static PlanType<string> OrganisationType { get; } = new("name of an organisation", "", ReadOrganisation);

    public static PlanType<string> ApiType { get; } = new("address of a web service", "", ReadApi);

    private static Asset.Git Read(AssetId id, PlanMapping keys)
    {
        var value = keys.Self;
        CheckPassword(keys);
        if (!keys.Has(GitKeys.Repositories) && !keys.Has(GitKeys.GitHub))
            value.Refuse(
                PlanProblems.MissingKey(
                    value.Path,
                    GitKeys.Repositories.Name,
                    $"{GitKeys.Repositories.Name}: {GitKeys.Repositories.Example}"
                )
            );
        return new Asset.Git
        {
            Id = id,
            Repositories = keys.Get(GitKeys.Repositories),
            GitHub = keys.Get(GitKeys.GitHub) is { } gitHub ? ReadGitHub(gitHub) : null,
            User = keys.Get(GitKeys.User),
            Password = keys.Get(GitKeys.Password),
            SshKey = keys.Get(GitKeys.SshKey),
            KnownHosts = keys.Get(GitKeys.KnownHosts),
            WithLargeFiles = keys.Get(GitKeys.LargeFiles),
            Timeout = keys.Get(GitKeys.Timeout),
        };
    }

    /// <summary>A user and the user's password: of an asset and of a target.</summary>
    internal static void CheckPassword(PlanMapping keys)
    {
        var value = keys.Self;
        if (keys.Has(GitKeys.User) != keys.Has(GitKeys.Password))
            value.Report.Add(
                keys.MarkOf(keys.Has(GitKeys.User) ? GitKeys.User : GitKeys.Password),
                keys.Has(GitKeys.User) ? PlanProblems.UserWithoutPassword(value.Path) : PasswordWithoutUser(value.Path)
            );
    }

    private static void Write(Utf8JsonWriter json, Asset.Git asset)
    {
        json.WriteTexts("repositories", [.. asset.Repositories.Select(address => address.Text)]);
        if (asset.GitHub is { } gitHub)
            WriteGitHub(json, gitHub);
        json.WriteText("user", asset.User);
        if (asset.Password is { } password)
            SecretSection.Write(json, "password", password);
        json.WriteText("sshKey", asset.SshKey);
        json.WriteText("knownHosts", asset.KnownHosts);
        json.WriteBoolean("largeFiles", asset.WithLargeFiles);
        json.WriteNumber("timeout", asset.Timeout.TotalSeconds);
    }

    private static ValueList<GitAddress> ReadAddresses(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence { Items.Count: > 0 } sequence)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a list of addresses", value.Node.Shape, value.Example));
            return [];
        }
        List<GitAddress> addresses = [];
        foreach (var (index, item) in sequence.Items.Index())
        {
            var each = value with { Node = item, Path = $"{value.Path}[{index}]" };
            if (PlanTypes.ReadText(each) is not { } text)
                continue;
            if (!GitAddress.TryParse(text, out var address))
                each.Refuse(BadAddress(each.Path, text));
            else if (addresses.Find(other => other.Name == address.Name) is { } same)
                each.Refuse(Twice(each.Path, address, same));
            else
                addresses.Add(address);
        }
        return [.. addresses];
    }

    /// <summary>What was written is not repeated where it may hold a password.</summary>
    internal static Problem BadAddress(string path, string written) =>
        new(
            "plan-git-address",
            Remedy.Fix,
            written.Contains('@')
                ? $"{path} is no address of a repository"
                : $"{path} is '{written}', which is no address of a repository",
            $"Write {GitAddress.Forms}; user and password stand beside it, in 'user' and 'password'."
        );

    private static Problem Twice(string path, GitAddress address, GitAddress other) =>
        new(
            "plan-git-address",
            Remedy.Fix,
            $"{path}, {address}, would be kept under the same name as {other}: {address.Name}",
            "Name each repository once; '.git' at the end makes no difference."
        );

    private static Problem PasswordWithoutUser(string path) =>
        new(
            "plan-secret-source",
            Remedy.Fix,
            $"{path} says where a password is and not whose it is",
            "Add for example: user: backup"
        );

    private static GitHubSettings ReadGitHub(PlanMapping keys) =>
        new()
        {
            Organisation = keys.Get(GitHubKeys.Organisation),
            Api = keys.Get(GitHubKeys.Api),
            Token = keys.Get(GitHubKeys.Token),
            Exclude = keys.Get(GitHubKeys.Exclude),
        };

    private static void WriteGitHub(Utf8JsonWriter json, GitHubSettings settings)
    {
        json.WriteStartObject("github");
        json.WriteString("organisation", settings.Organisation);
        json.WriteString("api", settings.Api);
        if (settings.Token is { } token)
            SecretSection.Write(json, "token", token);
        json.WriteTexts("exclude", settings.Exclude);
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
