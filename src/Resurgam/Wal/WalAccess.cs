using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Wal;

namespace Resurgam.Wal;

/// <summary>From a vault to the WAL of an asset.</summary>
internal static class WalAccess
{
    /// <summary>The WAL of an asset in every generation, oldest first, so that new objects go to the newest.</summary>
    public static async Task<WalArchive> OpenArchiveAsync(
        Vault vault,
        string asset,
        CancellationToken cancellationToken
    )
    {
        List<WalPlace> places = [];
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
        {
            var generation = await vault.OpenGenerationAsync(name, cancellationToken);
            places.Add(PlaceOf(generation));
        }
        return new WalArchive(asset, places);
    }

    public static WalPlace PlaceOf(Repository generation) =>
        new(generation.Store, generation.Prefix + "wal/", generation.Key);

    /// <summary>As <see cref="OpenArchiveAsync"/>, with this month's generation made when it is not there.</summary>
    public static async ValueTask<WalArchive> OpenForWritingAsync(
        Vault vault,
        string asset,
        CancellationToken cancellationToken
    )
    {
        await vault.OpenCurrentGenerationAsync(cancellationToken);
        return await OpenArchiveAsync(vault, asset, cancellationToken);
    }

    public static StreamSettings SettingsOf(Session session, Plan plan, Asset.Redis asset) =>
        new() { Asset = asset.Id.Value, Folder = Path.Combine(session.StateDirectoryOf(plan), "wal", asset.Id.Value) };

    public static WalStreamSettings SettingsOf(Session session, Plan plan, Asset.Postgres asset) =>
        new()
        {
            Asset = asset.Id.Value,
            Folder = Path.Combine(session.StateDirectoryOf(plan), "wal", asset.Id.Value),
            Slot = asset.Wal.Slot,
            SynchronousWait = asset.Wal.SynchronousWait,
            ShipEvery = asset.Wal.FragmentInterval,
            ShipSize = asset.Wal.FragmentSize,
        };

    /// <summary>The stream of a cluster, with its watchdog in a process of its own.</summary>
    public static WalStream OpenStream(
        Session session,
        Asset.Postgres asset,
        WalStreamSettings settings,
        Vault vault,
        Action<string> told
    )
    {
        var beganAt = session.Time.GetUtcNow();
        WatchOrder order = new(
            settings.Asset,
            settings.Folder,
            settings.Slot,
            asset.Wal.SynchronousWait,
            asset.Connection,
            beganAt
        );
        return WalStream.Open(
            settings with
            {
                BeganAt = beganAt,
            },
            ConnectionOf(session, asset),
            token => OpenForWritingAsync(vault, settings.Asset, token),
            session.Time,
            told,
            new GuardProcess(order, session.Time, told).RunAsync
        );
    }

    public static ConnectionSettings ConnectionOf(Session session, Asset.Postgres asset) =>
        ConnectionSettings.Parse(asset.Connection, session.Around.FindVariable);
}

internal static class WalCommandProblems
{
    public static ResurgamException NoStream(string asset, string kind) =>
        new(
            new Problem(
                "wal-kind",
                Remedy.Fix,
                $"asset {asset} is of kind {kind}, and only PostgreSQL clusters and Redis servers have a stream",
                "Name an asset of kind postgres or redis; 'resurgam plan show' lists them."
            )
        );

    public static ResurgamException NoGapToAccept(string asset) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"--accept-gap is for PostgreSQL clusters, and {asset} is a Redis server",
                "Leave it out: after a gap the stream of a Redis server takes a new base by itself."
            )
        );
}
