using Resurgam.Adapters.Git.Wire;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Backups;

/// <summary>As whom the plan says that repositories are reached.</summary>
internal static class GitAccessOf
{
    /// <summary>What GitHub wants as the user of a token.</summary>
    private const string TokenUser = "x-access-token";

    public static async Task<GitAccess> PlanAsync(Session session, Asset.Git asset, CancellationToken cancellationToken)
    {
        // The token that lists an organisation's repositories opens them, too, where the plan names nobody else.
        var organisation =
            asset.Password is null && asset.SshKey is null
                ? await OrganisationAsync(session, asset, cancellationToken)
                : null;
        return new GitAccess
        {
            User = asset.User ?? TokenUser,
            Password = asset.Password is { } password
                ? await session.ReadSecretAsync(password, cancellationToken)
                : organisation?.Token,
            MayGetPassword = organisation is null ? _ => true : organisation.IsHostOf,
            SshKey = asset.SshKey,
            KnownHosts = asset.KnownHosts,
            Timeout = asset.Timeout,
        };
    }

    /// <returns>Null when the plan names none.</returns>
    public static async Task<GitHubOrganisation?> OrganisationAsync(
        Session session,
        Asset.Git asset,
        CancellationToken cancellationToken
    ) =>
        asset.GitHub is not { } gitHub
            ? null
            : new GitHubOrganisation
            {
                Name = gitHub.Organisation,
                Api = new Uri(gitHub.Api),
                Token = gitHub.Token is { } token ? await session.ReadSecretAsync(token, cancellationToken) : null,
                BySsh = asset.SshKey is not null,
            };
}
