using Resurgam.Adapters.Files;
using Resurgam.Adapters.Redis.Restore;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Adapters.Redis.Verify;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Redis;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;
using Resurgam.Wal;

namespace Resurgam.Restores;

/// <summary>Brings the data directory of a Redis server back, as the plan wants it.</summary>
internal sealed class RedisRestoreFlow(Session session, Plan plan, Vault vault, RestoreRequest request)
{
    private const int UsualPort = 6379;

    public async Task<RestoreOutcome> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        if (request.Tablespaces.Count > 0)
            throw RestoreFlowProblems.NotForFiles("--tablespace");
        var settings = request.StartSettings;
        var asset = AssetId.TryParse(snapshot.Asset ?? "", out var id) ? plan.FindAsset(id) as Asset.Redis : null;
        var startsEmpty = asset is { StartEmpty: true } && request.Wanted == asset.Id.Value;
        var record = await ReadRecordAsync(snapshot, cancellationToken);
        var binaries = request.Start ? RedisBinaries.Get(record.Program, asset?.Binaries) : null;
        var commands = startsEmpty ? null : await FindCommandsAsync(record, asset, cancellationToken);
        if (!startsEmpty && !request.AllowsRevoked)
            await RefuseRevokedAsync(
                record,
                request.PointAt ?? Until ?? commands?.ReachesTo ?? record.StartedAt,
                cancellationToken
            );
        RedisRestoreRequest files = new()
        {
            Target = request.Target,
            IsDelta = request.IsDelta,
            IsDryRun = request.IsDryRun,
            StartsEmpty = startsEmpty,
            Commands = commands,
            Owner = OwnerOf(request),
            Binaries = asset?.Binaries,
            IsStartedNext = request.Start,
        };
        var result = await new RedisRestore(vault, files, session.Progress).RunAsync(snapshot, cancellationToken);
        List<StepView> steps = [new(RecoverySteps.Restore, session.Time.GetElapsedTime(began).TotalSeconds)];
        List<string> notes = [.. result.Notes];
        if (binaries is not null && !request.IsDryRun)
        {
            var starts = session.Time.GetTimestamp();
            notes.Add(await StartAsync(asset, binaries, settings, result, cancellationToken));
            steps.Add(new(RedisVerify.StartStep, session.Time.GetElapsedTime(starts).TotalSeconds));
        }
        return new RestoreOutcome(
            snapshot.Id,
            RecoveredTo.AsOf(result.Replayed?.At ?? result.Record.StartedAt),
            result.BytesWritten,
            session.Time.GetElapsedTime(began),
            notes
        )
        {
            Steps = request.IsDryRun ? [] : steps,
            BytesTotal = result.BytesTotal,
        };
    }

    /// <summary>The newest snapshot from which the recovery point can be reached.</summary>
    public static async Task<SnapshotEntry> ChooseAsync(
        Vault vault,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.RecoveryTarget is not RecoveryTarget.AtTime(var until))
            return await vault.GetSnapshotAsync("latest", request.Wanted, cancellationToken);
        var snapshots = await vault.ListSnapshotsAsync(request.Wanted, cancellationToken);
        foreach (var snapshot in snapshots.Reverse())
            if ((await ReadRecordAsync(vault, snapshot, cancellationToken)).StoppedAt <= until)
                return snapshot;
        throw snapshots.Count == 0
            ? VaultProblems.NoSnapshot("of any age", $"{vault.Store.Name} of asset {request.Wanted}")
            : RestoreFlowProblems.NoSnapshotBefore(request.Wanted, request.TargetText);
    }

    private DateTimeOffset? Until => request.RecoveryTarget is RecoveryTarget.AtTime(var moment) ? moment : null;

    /// <summary>A snapshot that is named by its id is restored as it is, unless a time is named, too.</summary>
    private async Task<CommandRecovery?> FindCommandsAsync(
        RedisRecord record,
        Asset.Redis? asset,
        CancellationToken cancellationToken
    )
    {
        var isWanted = request.RecoveryTarget switch
        {
            RecoveryTarget.Latest => asset is not null && request.Wanted == asset.Id.Value,
            RecoveryTarget.AtTime => true,
            RecoveryTarget.Consistent => false,
            _ => throw RestoreFlowProblems.NotForRedis(request.TargetText),
        };
        if (!isWanted)
            return null;
        CommandArchive archive = new(await WalAccess.OpenArchiveAsync(vault, record.Asset, cancellationToken));
        var commands = await CommandRecovery.FindAsync(archive, record, Until, cancellationToken, request.RedisOffset);
        if (request.RedisOffset is { } offset && !(commands?.ReachesToOffset >= offset))
            throw RestoreFlowProblems.NoStreamTo(record.Asset, request.TargetText, commands?.ReachesTo);
        if (Until is { } until && (commands is null || commands.ReachesTo < until))
            throw RestoreFlowProblems.NoStreamTo(record.Asset, request.TargetText, commands?.ReachesTo);
        return commands;
    }

    private async Task RefuseRevokedAsync(RedisRecord record, DateTimeOffset point, CancellationToken cancellationToken)
    {
        if (vault.Descriptor is null)
            return; // a plain repository has no ledger
        if (
            await Revocation.FindAsync(vault.OpenLedger(), record.Asset, cancellationToken) is { } revocation
            && point < revocation.Before
        )
            throw RestoreFlowProblems.Revoked(record.Asset, point, revocation);
    }

    private Task<RedisRecord> ReadRecordAsync(SnapshotEntry snapshot, CancellationToken cancellationToken) =>
        ReadRecordAsync(vault, snapshot, cancellationToken);

    private static async Task<RedisRecord> ReadRecordAsync(
        Vault vault,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        return await RedisRestore.ReadRecordAsync(
            new SnapshotReader(snapshot.Repository, blobs),
            snapshot,
            cancellationToken
        );
    }

    /// <summary>On this machine alone, at the port and with the password of the plan; what clients need beyond that is in the settings of the service.</summary>
    private async Task<string> StartAsync(
        Asset.Redis? asset,
        RedisBinaries binaries,
        IReadOnlyList<(string Name, string Value)> settings,
        RedisRestoreResult restored,
        CancellationToken cancellationToken
    )
    {
        session.Progress.Stage("starting the server");
        RestoredServerRequest server = new()
        {
            Target = request.Target,
            Binaries = binaries,
            Port = asset is { Socket: null, Tls: null, Port: > 0 } ? asset.Port : UsualPort,
            Password = asset?.Password is { } password
                ? await session.ReadSecretAsync(password, cancellationToken)
                : null,
            Settings = settings,
        };
        return await new RestoredServer(server, session.Time).StartAsync(restored, cancellationToken);
    }

    private static (uint User, uint Group)? OwnerOf(RestoreRequest request)
    {
        if (request.Owner is not { } name)
            return null;
        var names = UserNames.Read();
        var user = names.FindUser(name) ?? throw RestoreFlowProblems.NoUser(name);
        return (user, names.FindGroup(name) ?? user);
    }
}
