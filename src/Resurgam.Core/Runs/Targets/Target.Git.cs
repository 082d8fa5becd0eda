using Resurgam.Core.Git;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Kinds;

namespace Resurgam.Core.Runs;

public abstract partial record Target
{
    /// <summary>A branch of a Git repository on a server.</summary>
    public sealed record Git : Target
    {
        public const string KindName = "git";
        public const string DefaultAuthor = "Resurgam <resurgam@localhost>";

        private static readonly PlanKey<GitAddress> AddressKey = new("address", GitTypes.Address)
        {
            IsRequired = true,
            Example = "https://git.example.net/platform/manifests.git",
            About = $"The repository: {GitAddress.Forms}. Never with a password.",
        };

        private static readonly PlanKey<string> BranchKey = new("branch", GitTypes.Branch)
        {
            IsRequired = true,
            Example = "main",
            About = "The branch that steps add commits to.",
        };

        private static readonly PlanKey<string> AuthorKey = new("author", GitTypes.Author)
        {
            Default = DefaultAuthor,
            Example = "Platform <platform@example.net>",
            About = "Author and committer of these commits, where the server has rules for them.",
        };

        internal static TargetForm Form { get; } =
            new(
                KindName,
                (
                    "A branch of a Git repository on a server.",
                    "What takes the place of a branch in a drill: one of another repository."
                ),
                [AddressKey, BranchKey, AuthorKey, GitKeys.User, GitKeys.Password, GitKeys.SshKey, GitKeys.KnownHosts],
                Read,
                "{ address: /srv/drill/manifests.git, branch: main }"
            );

        public override string Kind => KindName;

        public required GitAddress Address { get; init; }

        public required string Branch { get; init; }

        /// <summary><c>NAME &lt;MAIL&gt;</c>.</summary>
        public string Author { get; init; } = DefaultAuthor;

        /// <summary>For HTTPS. Null: what git's own configuration says.</summary>
        public string? User { get; init; }

        /// <summary>Password or token. Null: what git's own configuration says.</summary>
        public SecretSource? Password { get; init; }

        /// <summary>Absolute path of a private key for SSH. Null: what ssh finds by itself.</summary>
        public string? SshKey { get; init; }

        /// <summary>Absolute path of a file with the keys of hosts. Null: ssh's own.</summary>
        public string? KnownHosts { get; init; }

        private static Git Read(TargetId id, PlanMapping keys)
        {
            GitKind.CheckPassword(keys);
            return new Git
            {
                Id = id,
                Address = keys.Get(AddressKey),
                Branch = keys.Get(BranchKey),
                Author = keys.Get(AuthorKey),
                User = keys.Get(GitKeys.User),
                Password = keys.Get(GitKeys.Password),
                SshKey = keys.Get(GitKeys.SshKey),
                KnownHosts = keys.Get(GitKeys.KnownHosts),
            };
        }
    }
}
