using Resurgam.Core.Git;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>Git repositories: those of a list, those of an organisation, or both.</summary>
    public sealed record Git : Asset
    {
        public const string KindName = "git";

        public override string Kind => KindName;

        /// <summary>Each name once.</summary>
        public ValueList<GitAddress> Repositories { get; init; } = [];

        /// <summary>All repositories of an organisation, too. Null: none.</summary>
        public GitHubSettings? GitHub { get; init; }

        /// <summary>For HTTPS. Null: what git's own configuration says.</summary>
        public string? User { get; init; }

        /// <summary>Password or token. Null: what git's own configuration says.</summary>
        public SecretSource? Password { get; init; }

        /// <summary>Absolute path of a private key for SSH. Null: what ssh finds by itself.</summary>
        public string? SshKey { get; init; }

        /// <summary>Absolute path of a file with the keys of hosts. Null: ssh's own.</summary>
        public string? KnownHosts { get; init; }

        /// <summary>What LFS keeps beside the repositories is captured, too.</summary>
        public bool WithLargeFiles { get; init; } = true;

        /// <summary>Longest that one repository may take.</summary>
        public required TimeSpan Timeout { get; init; }
    }
}
