using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Verify;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;
using Resurgam.Verifications;
using Resurgam.Wal;

namespace Resurgam.Restores;

/// <summary>Brings a cluster back: choose the recovery point, restore the files, set recovery up, and start it when asked to.</summary>
internal sealed class PostgresRestoreFlow(Session session, Plan plan, Vault vault, RestoreRequest request)
{
    private readonly List<string> _notes = [];

    /// <summary>The newest snapshot of an asset from which a recovery point can be reached.</summary>
    public static async Task<SnapshotEntry> ChooseAsync(
        Vault vault,
        string asset,
        RecoveryTarget target,
        string targetText,
        CancellationToken cancellationToken
    )
    {
        var snapshots = await vault.ListSnapshotsAsync(asset, cancellationToken);
        foreach (var snapshot in snapshots.Reverse())
            if (await CanStartAsync(vault, snapshot, target, cancellationToken))
                return snapshot;
        throw snapshots.Count == 0
            ? VaultProblems.NoSnapshot("of any age", $"{vault.Store.Name} of asset {asset}")
            : RestoreFlowProblems.NoSnapshotBefore(asset, targetText);
    }

    /// <summary>A snapshot whose own record is damaged is passed over: an older one and more WAL lead to the same point.</summary>
    private static async Task<bool> CanStartAsync(
        Vault vault,
        SnapshotEntry snapshot,
        RecoveryTarget target,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return target.CanStartFrom(await ReadRecordAsync(vault, snapshot, cancellationToken));
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            vault.Host.Damaged(e.Problem);
            return false;
        }
    }

    public async Task<RestoreOutcome> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        var record = await ReadRecordAsync(vault, snapshot, cancellationToken);
        if (!request.RecoveryTarget.CanStartFrom(record))
            throw RestoreFlowProblems.SnapshotBehind(snapshot.Id.Short, record, request.TargetText);
        var binaries = request.Start ? PostgresBinaries.Get(record.MajorVersion, BinariesOf(record.Asset)) : null;
        var owner = OwnerOf(request);
        PostgresRestoreRequest files = new()
        {
            Target = request.Target,
            IsDelta = request.IsDelta,
            IsForced = request.IsForced,
            Owner = owner,
            Tablespaces = TablespacesOf(record),
            RecoverySettings =
            [
                ("restore_command", $"\"{Program}\" --plan \"{session.PlanPath}\" wal fetch {record.Asset} %f \"%p\""),
                .. request.RecoveryTarget.Settings,
            ],
        };
        if (record.DamagedPages is { Count: > 0 } pages)
            _notes.Add(
                $"{pages.Count} pages had a wrong checksum when the snapshot was taken, and come back as they were: {string.Join(", ", pages.Take(MostNamed))}{(pages.Count > MostNamed ? ", …" : "")}; an older snapshot may have them whole"
            );
        PostgresRestore restore = new(vault, files, session.Progress);
        if (request.IsDryRun)
        {
            var planned = await restore.CheckAsync(snapshot, cancellationToken);
            return new RestoreOutcome(
                snapshot.Id,
                RecoveredTo.Unknown,
                planned.BytesWritten,
                session.Time.GetElapsedTime(began),
                ["a dry run: nothing was touched", .. planned.Notes, .. _notes]
            )
            {
                BytesTotal = planned.BytesTotal,
            };
        }
        var result = await restore.RunAsync(snapshot, cancellationToken);
        List<StepView> steps = [new(RecoverySteps.Restore, session.Time.GetElapsedTime(began).TotalSeconds)];
        var recoveredTo = RecoveredTo.Unknown;
        if (binaries is not null)
        {
            var starts = session.Time.GetTimestamp();
            recoveredTo = await StartAsync(snapshot, record, binaries, cancellationToken);
            if (request.RecoveryTarget is RecoveryTarget.Latest)
                steps.Add(new(PostgresVerify.StartStep, session.Time.GetElapsedTime(starts).TotalSeconds));
        }
        return new RestoreOutcome(
            snapshot.Id,
            recoveredTo,
            result.BytesWritten,
            session.Time.GetElapsedTime(began),
            _notes
        )
        {
            Steps = steps,
            BytesTotal = result.BytesTotal,
        };
    }

    private const int MostNamed = 10;

    private static string Program => Environment.ProcessPath ?? "resurgam";

    internal static async Task<PostgresRecord> ReadRecordAsync(
        Vault vault,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        return await PostgresRestore.ReadRecordAsync(
            new SnapshotReader(snapshot.Repository, blobs),
            snapshot,
            cancellationToken
        );
    }

    /// <summary>Starts the cluster and hands it its WAL until it takes connections.</summary>
    private async Task<RecoveredTo> StartAsync(
        SnapshotEntry snapshot,
        PostgresRecord record,
        PostgresBinaries binaries,
        CancellationToken cancellationToken
    )
    {
        session.Progress.Stage($"recovering to {request.TargetText}");
        var names = UserNames.Read();
        var owner = UserNames.FindOwnerToBe(request.Target);
        await new ConfigurationFiles(vault, request.Target, owner).RestoreMissingAsync(
            snapshot,
            record,
            _notes,
            cancellationToken
        );
        var archive = await WalAccess.OpenArchiveAsync(vault, record.Asset, cancellationToken);
        await using var feed = FeedFolder.Create(
            archive,
            record.WalSegmentBytes,
            request.Target,
            owner,
            session.Entropy,
            session.Time
        );
        var log = Path.Combine(request.Target, "log", "resurgam-recovery.log");
        ConfigurationFiles.MakeFolder(Path.GetDirectoryName(log) ?? "/", owner);
        PrivateServer server = new(
            new ServerRequest
            {
                Binaries = binaries,
                DataDirectory = request.Target,
                Settings = [("restore_command", feed.RestoreCommand(Program)), .. request.StartSettings],
                LogFile = log,
                User = owner is { } to ? names.UserOf(to.User) : null,
            },
            session.Time
        );
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (ResurgamException e) when (feed.Missing is { } missing && IsFor(missing, e.Problem))
        {
            throw WalProblems.TargetBehind(
                record.Asset,
                request.TargetText,
                missing,
                await FindBehindAsync(record.Asset, missing.Range, cancellationToken),
                e
            );
        }
        return await AskAsync(record, cancellationToken);
    }

    /// <summary>Its WAL ended there, or its <c>restore_command</c> has told of it.</summary>
    private static bool IsFor(MissingWal missing, Problem problem) =>
        problem.Code == ServerProblems.TargetNotReachedCode
        || problem.What.Contains(missing.Problem.What, StringComparison.Ordinal);

    private async Task<IReadOnlyList<string>> FindBehindAsync(
        string asset,
        WalRange gap,
        CancellationToken cancellationToken
    )
    {
        List<string> behind = [];
        foreach (var snapshot in await vault.ListSnapshotsAsync(asset, cancellationToken))
        {
            try
            {
                if ((await ReadRecordAsync(vault, snapshot, cancellationToken)).Start >= gap.End)
                    behind.Add(snapshot.Id.Short);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                vault.Host.Damaged(e.Problem); // no snapshot to restore from
            }
        }
        return behind;
    }

    /// <summary>How far the server was recovered; and where it takes the source's place, its WAL is kept for the stream.</summary>
    private async Task<RecoveredTo> AskAsync(PostgresRecord record, CancellationToken cancellationToken)
    {
        if (plan.FindAsset(new AssetId(record.Asset)) is not Asset.Postgres asset)
            return RecoveredTo.Unknown;
        await using var server = await RecoveredServer.TryConnectAsync(
            request.Target,
            ConnectionSettings.Parse(asset.Connection, session.Around.FindVariable),
            session.Time,
            cancellationToken
        );
        if (server is null)
            return RecoveredTo.Unknown;
        if (asset.DataDirectory == request.Target)
            _notes.Add(await KeepWalAsync(server, asset, cancellationToken));
        if (await RecoveredServer.FindAwaitedStandbysAsync(server, cancellationToken) is { } awaited)
            _notes.Add(
                $"commits wait until a standby of synchronous_standby_names = '{awaited}' follows the restored server, by "
                    + $"'resurgam wal stream {asset.Id}' where it takes the old one's place; without one: "
                    + "alter system set synchronous_standby_names = ''; select pg_reload_conf()"
            );
        var point = await RecoveredServer.AskAsync(server, cancellationToken);
        return new RecoveredTo(point.Lsn, point.LastCommitAt);
    }

    private static async Task<string> KeepWalAsync(
        PostgresConnection server,
        Asset.Postgres asset,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await RecoveredServer.KeepWalAsync(server, asset.Wal.Slot, cancellationToken);
            return $"slot {asset.Wal.Slot} keeps the WAL from here on; next: resurgam wal stream {asset.Id}";
        }
        catch (ResurgamException e)
        {
            return $"start 'resurgam wal stream {asset.Id}' now, nothing else keeps the WAL from here on: {e.Problem.What}";
        }
    }

    private string? BinariesOf(string asset) =>
        AssetId.TryParse(asset, out var id) && plan.FindAsset(id) is Asset.Postgres postgres ? postgres.Binaries : null;

    private static (uint User, uint Group)? OwnerOf(RestoreRequest request)
    {
        if (request.Owner is not { } name)
            return null;
        var names = UserNames.Read();
        var user = names.FindUser(name) ?? throw RestoreFlowProblems.NoUser(name);
        return (user, names.FindGroup(name) ?? user);
    }

    private Dictionary<uint, string> TablespacesOf(PostgresRecord record)
    {
        Dictionary<uint, string> folders = [];
        foreach (var mapping in request.Tablespaces)
        {
            var parts = mapping.Split('=', 2);
            var found = record.Tablespaces.FirstOrDefault(tablespace =>
                parts[0] == tablespace.Location || parts[0] == tablespace.Oid.ToString(CultureInfo.InvariantCulture)
            );
            if (parts.Length != 2 || !parts[1].StartsWith('/') || found is null)
                throw RestoreFlowProblems.BadTablespace(mapping);
            folders[found.Oid] = parts[1];
        }
        return folders;
    }
}
