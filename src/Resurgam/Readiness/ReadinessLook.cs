using System.Collections.Concurrent;
using System.Diagnostics;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Readiness;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Readiness;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Runs;
using Resurgam.Wal;

namespace Resurgam.Readiness;

/// <summary>Holds a plan against what is really there: sources, targets of runbooks, room for restores. It only looks.</summary>
internal sealed class ReadinessLook(Session session, Plan plan, Vault vault)
{
    /// <summary>Looks take turns waiting, and none waits for one that hangs.</summary>
    private const int LooksAtOnce = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<SubjectFinding> _findings = [];

    /// <summary>All of it; what came and went since the last look is an entry of the ledger.</summary>
    public async Task<IReadOnlyList<SubjectFinding>> RunAndRecordAsync(
        LedgerWriter writer,
        CancellationToken cancellationToken
    )
    {
        await LookAsync(cancellationToken);
        IReadOnlyList<SubjectFinding> found =
        [
            .. _findings.OrderBy(each => each.Subject, StringComparer.Ordinal).ThenBy(each => each.Finding.Code),
        ];
        var before = await ReadinessState.ReadAsync(writer.Ledger, cancellationToken);
        if (before.ChangeTo(found) is { } change)
            await writer.AppendAsync(StreamName.Readiness, change, cancellationToken);
        return found;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        List<(string Subject, Func<CancellationToken, Task<IReadOnlyList<AssetFinding>>> Look)> looks =
        [
            .. plan.Assets.Select(asset =>
                (asset.Id.Value, new Func<CancellationToken, Task<IReadOnlyList<AssetFinding>>>(t => AtAsync(asset, t)))
            ),
            .. plan.Targets.Select(target =>
                (
                    $"target {target.Id}",
                    new Func<CancellationToken, Task<IReadOnlyList<AssetFinding>>>(t => AtAsync(target, t))
                )
            ),
            .. plan.Runbooks.Select(runbook =>
                (
                    $"runbook {runbook.Id}",
                    new Func<CancellationToken, Task<IReadOnlyList<AssetFinding>>>(t => SpaceForAsync(runbook, t))
                )
            ),
        ];
        await Parallel.ForEachAsync(
            looks,
            new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellationToken },
            async (each, token) =>
            {
                foreach (var finding in await GuardAsync(each.Look, token))
                    _findings.Add(new SubjectFinding(each.Subject, finding));
            }
        );
    }

    private async Task<IReadOnlyList<AssetFinding>> GuardAsync(
        Func<CancellationToken, Task<IReadOnlyList<AssetFinding>>> look,
        CancellationToken cancellationToken
    )
    {
        using CancellationTokenSource limit = new(Limit, session.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await look(either.Token);
        }
        catch (ResurgamException e)
        {
            return [ReadinessFindings.Unreachable(e.Problem)];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [ReadinessFindings.Slow(Limit)];
        }
    }

    private async Task<IReadOnlyList<AssetFinding>> AtAsync(Asset asset, CancellationToken cancellationToken)
    {
        switch (asset)
        {
            case Asset.Postgres postgres:
                PostgresLook look = new()
                {
                    Connection = WalAccess.ConnectionOf(session, postgres),
                    Slot = postgres.Wal.Slot,
                    AsksSql = postgres.DataDirectory is not null,
                    Record = await FindRecordAsync(postgres, cancellationToken),
                };
                return await look.RunAsync(session.Time, cancellationToken);
            case Asset.LogicalPostgres logical:
                await ConnectAsync(logical.Connection, cancellationToken);
                return [];
            case Asset.Redis redis:
                var server = await RedisAccess.SourceOfAsync(session, plan, redis, cancellationToken);
                return await SourceLook.AtRedisAsync(server.Connection, session.Time, cancellationToken);
            case Asset.Kubernetes cluster:
                var source = BackupCommand.SourceOf(session, plan, cluster);
                return await SourceLook.AtClusterAsync(source, session.Time, cancellationToken);
            case Asset.Git git:
                var repositories = await BackupCommand.SourceOfAsync(session, plan, git, cancellationToken);
                return await SourceLook.AtRepositoriesAsync(repositories, session.Time, cancellationToken);
            case Asset.Secret secret:
                await session.ReadSecretAsync(secret.From, cancellationToken);
                return [];
            case Asset.Files files:
                return SourceLook.AtFolder(files.Path);
            default:
                throw new UnreachableException($"no look is written for {asset.Kind}");
        }
    }

    /// <returns>Of the newest snapshot; null when there is none.</returns>
    private async Task<PostgresRecord?> FindRecordAsync(Asset.Postgres asset, CancellationToken cancellationToken)
    {
        var history = await HistoryOfAsync(asset.Id.Value, cancellationToken);
        if (history.LastBackup is not { } last)
            return null;
        try
        {
            var snapshot = await vault.GetSnapshotAsync(last.Snapshot.Hex, asset.Id.Value, cancellationToken);
            using BlobReader blobs = new(snapshot.Repository, session.Entropy);
            return await PostgresRestore.ReadRecordAsync(
                new SnapshotReader(snapshot.Repository, blobs),
                snapshot,
                cancellationToken
            );
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return null; // expired, or damaged: 'status' and 'vault check' say so
        }
    }

    private async Task<AssetHistory> HistoryOfAsync(string asset, CancellationToken cancellationToken)
    {
        var stream = StreamName.OfAsset(asset);
        return (
            await StreamHistory.ReadAsync(vault.OpenLedger(), stream, known: null, isWhole: false, cancellationToken)
        ).History;
    }

    private async Task<IReadOnlyList<AssetFinding>> AtAsync(Target target, CancellationToken cancellationToken)
    {
        try
        {
            switch (target)
            {
                case Target.Postgres postgres:
                    await ConnectAsync(postgres.Connection, cancellationToken);
                    return [];
                case Target.Web web:
                    return await WebLook.RunAsync(web.Url, cancellationToken);
                case Target.Webhook hook:
                    await session.ReadSecretAsync(hook.Url, cancellationToken); // who calls it tells people
                    return [];
                case Target.Mail { Password: { } password }:
                    await session.ReadSecretAsync(password, cancellationToken);
                    return [];
                case Target.Service service:
                    return [.. Programs(service).Where(IsAbsent).Select(Absent)];
                case Target.Git git:
                    await SourceLook.AtBranchAsync(git, session.Secrets, session.Time, cancellationToken);
                    return [];
                case Target.Redis or Target.Dns or Target.Route53:
                    await AskStepAsync(target, cancellationToken);
                    return [];
                default:
                    return []; // of a kind that only a run can look at
            }
        }
        catch (ResurgamException e)
        {
            return [ReadinessFindings.TargetSilent($"{e.Problem.What} ({e.Problem.Code})")];
        }

        static bool IsAbsent(string program) => !ProgramPath.TryFind(program, out _);

        static AssetFinding Absent(string program) =>
            ReadinessFindings.TargetSilent($"there is no program {program} on this machine");
    }

    /// <summary>What a step would do is looked at, as a dry run does: by it the target is asked with the rights that the step has.</summary>
    private async Task AskStepAsync(Target target, CancellationToken cancellationToken)
    {
        var steps = plan.Runbooks.SelectMany(runbook => runbook.Steps);
        if (steps.FirstOrDefault(step => step.Action.Target == target.Id) is not { } step)
            return;
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        var work = RunAccess.OpenWork(session, plan, vault, http);
        await work.LookAsync(StepCall.Planned(plan.Targets, step), cancellationToken);
    }

    private async Task ConnectAsync(string connection, CancellationToken cancellationToken)
    {
        var settings = ConnectionSettings.Parse(connection, session.Around.FindVariable);
        await using var opened = await PostgresConnection.OpenAsync(
            settings,
            SessionKind.Sql,
            session.Time,
            cancellationToken
        );
    }

    private static IEnumerable<string> Programs(Target.Service service) =>
        service.Unit is not null
            ? ["systemctl"]
            : new[] { service.Start, service.Stop }.Select(argv => argv?[0]).OfType<string>().Distinct();

    private async Task<IReadOnlyList<AssetFinding>> SpaceForAsync(Runbook runbook, CancellationToken cancellationToken)
    {
        List<AssetFinding> findings = [];
        foreach (var restore in runbook.Steps.Select(step => step.Action).OfType<StepAction.VaultRestore>())
            if (
                (await HistoryOfAsync(restore.Of, cancellationToken)).LastBackup is { } last
                && RestoreSpace.Find(restore.To, last.SizeBytes) is { } finding
            )
                findings.Add(finding);
        return findings.Take(1).ToList();
    }
}
