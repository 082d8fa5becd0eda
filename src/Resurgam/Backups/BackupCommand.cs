using System.CommandLine;
using System.Globalization;
using Resurgam.Adapters.Files.Capture;
using Resurgam.Adapters.Git.Capture;
using Resurgam.Adapters.Kubernetes.Capture;
using Resurgam.Adapters.LogicalPostgres.Capture;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Redis.Capture;
using Resurgam.Adapters.Secrets.Capture;
using Resurgam.Adapters.Traces;
using Resurgam.Cli;
using Resurgam.Core.Assets;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Ledgers;
using Resurgam.RecoverySets;
using Resurgam.Vaults;
using Resurgam.Wal;

namespace Resurgam.Backups;

internal static class BackupCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset") { Description = "Name of an asset, or of a recovery set, of the plan." };
        Command command = new("backup", "Take a snapshot of an asset, or one recovery point of a set.") { asset };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(asset), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0, or 23 when the snapshot is there and something of the source is not (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(Session session, string assetName, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        if (plan.FindRecoverySet(assetName) is { } set)
            return await SetBackup.RunAsync(session, plan, set, cancellationToken);
        var asset = plan.GetAsset(assetName);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await RunAndRecordAsync(session, plan, asset, vault, cancellationToken);
        foreach (var note in document.Notes)
            session.Output.Note(note);
        foreach (var finding in document.Findings)
            session.Output.Warn(finding);
        session.Output.Write(document, BackupDocuments.Json.BackupDocument, text => WriteText(text, document));
        return document.Findings.Count == 0 ? ExitCode.Success : ExitCode.SourceFlawed;
    }

    /// <summary>Backs up, and tells the ledger.</summary>
    internal static async Task<BackupDocument> RunAndRecordAsync(
        Session session,
        Plan plan,
        Asset asset,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.OfAsset(asset.Id.Value),
            EntryKind.Backup,
            BackupDocuments.Json.BackupDocument,
            () => BackUpAsync(session, plan, asset, vault, cancellationToken)
        );
        return document with { Ledger = entry };
    }

    internal static async Task<BackupDocument> BackUpAsync(
        Session session,
        Plan plan,
        Asset asset,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        await using var snapshot = await SnapshotWriter.BeginAsync(
            vault,
            asset.Id.Value,
            asset.SnapshotKind,
            cancellationToken
        );
        var result = await CaptureAsync(session, plan, asset, snapshot, vault, cancellationToken);
        Spans.Note(
            ("resurgam.snapshot", result.Snapshot.Id.Short),
            ("resurgam.bytes.read", result.BytesRead),
            ("resurgam.bytes.new", result.BytesNew),
            ("resurgam.bytes.stored", result.BytesStored)
        );
        return Describe(asset, result, session.Time.GetElapsedTime(began));
    }

    internal static BackupDocument Describe(Asset asset, CaptureResult result, TimeSpan duration) =>
        new(
            asset.Id.Value,
            result.Snapshot.Id,
            result.Snapshot.Document.Parent,
            result.Snapshot.TakenAt,
            result.Mode switch
            {
                CaptureMode.Full => "full",
                CaptureMode.Incremental => "incremental",
            },
            result.BytesRead,
            result.BytesNew,
            result.BytesStored,
            duration,
            result.Findings,
            result.Notes
        )
        {
            Timeline = result.Wal?.Timeline,
            StartLsn = result.Wal?.Start,
            StopLsn = result.Wal?.End,
        };

    private static Task<CaptureResult> CaptureAsync(
        Session session,
        Plan plan,
        Asset asset,
        SnapshotWriter snapshot,
        Vault vault,
        CancellationToken cancellationToken
    ) =>
        asset switch
        {
            Asset.Postgres postgres => CaptureAsync(session, plan, postgres, snapshot, vault, cancellationToken),
            Asset.LogicalPostgres logical => new LogicalCapture(
                LogicalAccess.SourceOf(session, plan, logical),
                session.Time,
                session.Progress
            ).RunAsync(snapshot, cancellationToken),
            Asset.Redis redis => CaptureAsync(session, plan, redis, snapshot, cancellationToken),
            Asset.Kubernetes cluster => new KubernetesCapture(
                SourceOf(session, plan, cluster),
                session.Time,
                session.Progress
            ).RunAsync(snapshot, cancellationToken),
            Asset.Git git => CaptureAsync(session, plan, git, vault, snapshot, cancellationToken),
            Asset.Secret secret => new SecretCapture(
                new EscrowSource
                {
                    Asset = secret.Id.Value,
                    From = secret.From,
                    PlanHash = plan.Hash,
                },
                vault,
                session.Secrets,
                session.Progress
            ).RunAsync(snapshot, cancellationToken),
            Asset.Files files => new FilesCapture(SourceOf(plan, files), vault.Host.Workers, session.Progress).RunAsync(
                snapshot,
                cancellationToken
            ),
            _ => throw new System.Diagnostics.UnreachableException($"no capture is written for {asset}"),
        };

    private static async Task<CaptureResult> CaptureAsync(
        Session session,
        Plan plan,
        Asset.Postgres asset,
        SnapshotWriter snapshot,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        var archive = await WalAccess.OpenArchiveAsync(vault, asset.Id.Value, cancellationToken);
        var timelines = await archive.ListTimelinesAsync(cancellationToken);
        var source = SourceOf(session, plan, asset) with
        {
            NewestTimeline = timelines is [.., var newest] ? newest : 0,
        };
        return await new PostgresCapture(source, vault.Host.Workers, session.Time, session.Progress).RunAsync(
            snapshot,
            cancellationToken
        );
    }

    private static async Task<CaptureResult> CaptureAsync(
        Session session,
        Plan plan,
        Asset.Redis asset,
        SnapshotWriter snapshot,
        CancellationToken cancellationToken
    )
    {
        var source = await RedisAccess.SourceOfAsync(session, plan, asset, cancellationToken);
        return await new RedisCapture(source, session.Time, session.Progress).RunAsync(snapshot, cancellationToken);
    }

    private static async Task<CaptureResult> CaptureAsync(
        Session session,
        Plan plan,
        Asset.Git asset,
        Vault vault,
        SnapshotWriter snapshot,
        CancellationToken cancellationToken
    )
    {
        var source = await SourceOfAsync(session, plan, asset, cancellationToken);
        return await new GitCapture(source, vault, session.Progress).RunAsync(snapshot, cancellationToken);
    }

    internal static async Task<GitSource> SourceOfAsync(
        Session session,
        Plan plan,
        Asset.Git asset,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            Asset = asset.Id.Value,
            Repositories = asset.Repositories,
            Organisation = await GitAccessOf.OrganisationAsync(session, asset, cancellationToken),
            Exclude = [.. (asset.GitHub?.Exclude ?? []).Select(ExcludePattern.Parse)],
            Access = await GitAccessOf.PlanAsync(session, asset, cancellationToken),
            CacheFolder = Path.Combine(session.StateDirectoryOf(plan), "git", asset.Id.Value),
            WithLargeFiles = asset.WithLargeFiles,
            PlanHash = plan.Hash,
        };

    private static PostgresSource SourceOf(Session session, Plan plan, Asset.Postgres asset) =>
        new()
        {
            Asset = asset.Id.Value,
            Connection = ConnectionSettings.Parse(asset.Connection, session.Around.FindVariable),
            DataDirectory = asset.DataDirectory,
            Questions = PlanQuestions.SourcesOf(asset.Questions),
            PlanHash = plan.Hash,
            MaxRate = asset.MaxRate,
        };

    internal static KubernetesSource SourceOf(Session session, Plan plan, Asset.Kubernetes asset) =>
        new()
        {
            Asset = asset.Id.Value,
            Connection = new Adapters.Kubernetes.Wire.ConnectionSettings
            {
                Kubeconfig = asset.Kubeconfig,
                Context = asset.Context,
                FindVariable = session.Around.FindVariable,
            },
            ClusterUid = asset.ClusterUid,
            Namespaces = asset.Namespaces,
            Selector = asset.Selector,
            IsClusterWide = asset.IsClusterWide,
            PlanHash = plan.Hash,
        };

    private static FilesSource SourceOf(Plan plan, Asset.Files asset) =>
        new()
        {
            Asset = asset.Id.Value,
            Path = asset.Path,
            Exclude = [.. asset.Exclude.Select(ExcludePattern.Parse)],
            PlanHash = plan.Hash,
        };

    private static void WriteText(TextWriter text, BackupDocument document) =>
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"snapshot {document.Snapshot.Short} of {document.Asset}: {new ByteSize(document.BytesRead)} read, {new ByteSize(document.BytesNew)} new, {new ByteSize(document.BytesStored)} stored, {document.Duration.TotalSeconds:0.0} s"
            )
        );
}
