using Resurgam.Adapters.Git.Wire;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Backups;

/// <summary>As whom the plan says that repositories are reached.</summary>
internal static class GitAccessOf
{
    public static async Task<GitAccess> PlanAsync(
        Session session,
        Asset.Git asset,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            User = asset.User,
            Password = asset.Password is { } password
                ? await session.ReadSecretAsync(password, cancellationToken)
                : null,
            SshKey = asset.SshKey,
            KnownHosts = asset.KnownHosts,
            Timeout = asset.Timeout,
        };
}
