using System.Text.Json;
using Resurgam.Core.Git;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The keys of assets of kind <c>git</c>: how they are read and written.</summary>
internal static class GitKeys
{
    private static readonly PlanType<ValueList<GitAddress>> Addresses = new("list of addresses", [], ReadAddresses);

    public static readonly PlanKey<ValueList<GitAddress>> Repositories = new("repositories", Addresses)
    {
        DefaultInWords = "none: then `github`",
        Example = "['https://git.example.net/platform/policies.git', 'git@example.net:platform/manifests.git']",
        About = $"Addresses of the repositories: {GitAddress.Forms}. Never with a password.",
    };

    public static readonly PlanKey<PlanMapping?> GitHub = new(
        "github",
        new("group", null, value => new PlanMapping(value, GitHubKeys.Section))
    )
    {
        DefaultInWords = "none: then `repositories`",
        Example = "{ organisation: acme, token: { env: GITHUB_TOKEN } }",
        About = "All repositories of an organisation; one that is new or gone is a finding.",
    };

    public static readonly PlanKey<string?> User = new("user", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "what git's own configuration says",
        Example = "backup",
        About =
            "For `https://`: who reads. With a token, what the server wants as its user (GitHub: `x-access-token`).",
    };

    public static readonly PlanKey<SecretSource?> Password = new("password", PlanReader.SecretType.OrNone)
    {
        DefaultInWords = "none",
        Example = "{ env: GIT_TOKEN }",
        About = "Where the user's password or token is found: `env`, `file` or `command`, as in `vault.secret`.",
    };

    public static readonly PlanKey<string?> SshKey = new("ssh-key", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "what ssh finds by itself",
        Example = "/etc/resurgam/git_ed25519",
        About = "For SSH: file of the private key, without a passphrase.",
    };

    public static readonly PlanKey<string?> KnownHosts = new("known-hosts", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "ssh's own file",
        Example = "/etc/resurgam/known_hosts",
        About = "For SSH: file with the keys of the hosts. A host that is not in it is not trusted.",
    };

    public static readonly PlanKey<bool> LargeFiles = new("large-files", PlanTypes.YesOrNo)
    {
        Default = "true",
        Example = "false",
        About = "Whether the files that LFS keeps beside a repository are captured; it needs `git-lfs`.",
    };

    public static readonly PlanKey<TimeSpan> Timeout = new(
        "timeout",
        PlanTypes.DurationBetween(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))
    )
    {
        Default = "1h",
        Example = "4h",
        About = "Longest that one repository may take; it is then in the snapshot as it was last seen, with a finding.",
    };

    public static readonly PlanSection Section = new(
        "assets.NAME (kind: git)",
        "Git repositories, each with all of its refs; they are read by git itself.",
        [PlanKeys.Kind, Repositories, GitHub, User, Password, SshKey, KnownHosts, LargeFiles, Timeout]
    );

    public static Asset.Git Read(AssetId id, PlanValue value)
    {
        var keys = new PlanMapping(value, Section);
        if (keys.Has(User) != keys.Has(Password))
            value.Report.Add(
                keys.MarkOf(keys.Has(User) ? User : Password),
                keys.Has(User) ? PlanProblems.UserWithoutPassword(value.Path) : PasswordWithoutUser(value.Path)
            );
        if (!keys.Has(Repositories) && !keys.Has(GitHub))
            value.Refuse(
                PlanProblems.MissingKey(value.Path, Repositories.Name, $"{Repositories.Name}: {Repositories.Example}")
            );
        return new Asset.Git
        {
            Id = id,
            Repositories = keys.Get(Repositories),
            GitHub = keys.Get(GitHub) is { } gitHub ? GitHubKeys.Read(gitHub) : null,
            User = keys.Get(User),
            Password = keys.Get(Password),
            SshKey = keys.Get(SshKey),
            KnownHosts = keys.Get(KnownHosts),
            WithLargeFiles = keys.Get(LargeFiles),
            Timeout = keys.Get(Timeout),
        };
    }

    public static void Write(Utf8JsonWriter json, Asset.Git asset)
    {
        PlanJson.WriteTexts(json, Repositories.Name, [.. asset.Repositories.Select(address => address.Text)]);
        if (asset.GitHub is { } gitHub)
            GitHubKeys.Write(json, gitHub);
        PlanJson.WriteText(json, "user", asset.User);
        if (asset.Password is { } password)
            PlanJson.WriteSecret(json, "password", password);
        PlanJson.WriteText(json, "sshKey", asset.SshKey);
        PlanJson.WriteText(json, "knownHosts", asset.KnownHosts);
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
    private static Problem BadAddress(string path, string written) =>
        new(
            "plan-git-address",
            Remedy.Fix,
            written.Contains('@')
                ? $"{path} is no address of a repository"
                : $"{path} is '{written}', which is no address of a repository",
            $"Write {GitAddress.Forms}; user and password stand in 'user' and 'password' of the asset."
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
}
