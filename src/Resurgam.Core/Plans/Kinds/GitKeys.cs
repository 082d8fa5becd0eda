using Resurgam.Core.Git;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Git repositories.</summary>
internal static class GitKeys
{
    public static readonly PlanKey<ValueList<GitAddress>> Repositories = new("repositories", GitKind.AddressesType)
    {
        DefaultInWords = "none: then `github`",
        Example = "['https://git.example.net/platform/policies.git', 'git@example.net:platform/manifests.git']",
        About = $"Addresses of the repositories: {GitAddress.Forms}. Never with a password.",
    };

    public static readonly PlanKey<PlanMapping?> GitHub = new("github", GitKind.GitHubType)
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

    public static readonly PlanKey<SecretSource?> Password = new("password", SecretSection.Type.OrNone)
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

    public static readonly PlanSection Section = AssetKeys.SectionOf(
        Asset.Git.KindName,
        "Git repositories, each with all of its refs; they are read by git itself.",
        [Repositories, GitHub, User, Password, SshKey, KnownHosts, LargeFiles, Timeout]
    );
}
