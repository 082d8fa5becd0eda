using Resurgam.Adapters.Redis.Capture;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Backups;

/// <summary>From a plan to its Redis servers.</summary>
internal static class RedisAccess
{
    public static async Task<RedisSource> SourceOfAsync(
        Session session,
        Plan plan,
        Asset.Redis asset,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            Asset = asset.Id.Value,
            Connection = await ConnectionOfAsync(session, asset, cancellationToken),
            AppendOnly = asset.AppendOnly,
            PlanHash = plan.Hash,
        };

    /// <summary>Reads the password where the plan says that it is.</summary>
    public static async Task<ConnectionSettings> ConnectionOfAsync(
        Session session,
        Asset.Redis asset,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            Host = asset.Host,
            Port = asset.Port,
            Socket = asset.Socket,
            User = asset.User,
            Password = asset.Password is { } password
                ? await session.ReadSecretAsync(password, cancellationToken)
                : null,
            Tls = asset.Tls is { } tls ? new TlsTrust(tls.CaFile, tls.Certificate, tls.Key) : null,
        };
}
