using System.CommandLine;
using System.Globalization;
using Resurgam.Adapters.Files.Verify;
using Resurgam.Adapters.Git.Verify;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Verify;
using Resurgam.Adapters.LogicalPostgres.Restore;
using Resurgam.Adapters.LogicalPostgres.Verify;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Verify;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Redis.Restore;
using Resurgam.Adapters.Redis.Verify;
using Resurgam.Adapters.Secrets.Verify;
using Resurgam.Adapters.Traces;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Assets;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Redis;
using Resurgam.Core.Redis.Commands;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Ledgers;
using Resurgam.RecoverySets;
using Resurgam.Restores;
using Resurgam.Vaults;
using Resurgam.Wal;

namespace Resurgam.Verifications;

internal static class VerifyCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset") { Description = "Name of an asset, or of a recovery set, of the plan." };
        Option<string> snapshot = new("--snapshot")
        {
            Description = "First digits of a snapshot's id; the newest one otherwise.",
            DefaultValueFactory = _ => "latest",
        };
        Option<bool> snapshotOnly = new("--snapshot-only")
        {
            Description = "PostgreSQL: replay only the WAL of the backup, not the stream behind it.",
        };
        Command command = new("verify", "Restore a snapshot in isolation, start it, and question it.")
        {
            asset,
            snapshot,
            snapshotOnly,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(asset),
                    line.GetRequiredValue(snapshot),
                    line.GetValue(snapshotOnly),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when everything passed, 21 when something did not (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(
        Session session,
        string assetName,
        string wanted,
        bool isSnapshotOnly,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        if (plan.FindRecoverySet(assetName) is { } set)
            return await SetVerify.RunAsync(session, plan, set, cancellationToken);
        var asset = plan.GetAsset(assetName);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await RunAndRecordAsync(session, plan, asset, vault, wanted, isSnapshotOnly, cancellationToken);
        session.Output.Write(document, VerifyDocuments.Json.VerifyDocument, text => WriteText(text, document));
        return document.Passed ? ExitCode.Success : ExitCode.VerificationFailed;
    }

    /// <summary>As part of a recovery set: that snapshot, brought to its point.</summary>
    internal static Task<VerifyDocument> RunAndRecordAsync(
        Session session,
        Plan plan,
        Asset asset,
        Vault vault,
        SetMember member,
        CancellationToken cancellationToken
    ) =>
        RunAndRecordAsync(
            session,
            plan,
            asset,
            vault,
            member.Snapshot,
            isSnapshotOnly: !member.IsStreamed,
            cancellationToken,
            member
        );

    /// <summary>Verifies, and tells the ledger.</summary>
    internal static async Task<VerifyDocument> RunAndRecordAsync(
        Session session,
        Plan plan,
        Asset asset,
        Vault vault,
        string wanted,
        bool isSnapshotOnly,
        CancellationToken cancellationToken,
        SetMember? member = null
    )
    {
        BlobId? tried = null;
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.OfAsset(asset.Id.Value),
            EntryKind.Verification,
            VerifyDocuments.Json.VerifyDocument,
            () =>
                VerifyAsync(
                    session,
                    plan,
                    asset,
                    vault,
                    wanted,
                    isSnapshotOnly,
                    member,
                    snapshot => tried = snapshot,
                    cancellationToken
                ),
            () => tried
        );
        return document with { Ledger = entry };
    }

    private static async Task<VerifyDocument> VerifyAsync(
        Session session,
        Plan plan,
        Asset asset,
        Vault vault,
        string wanted,
        bool isSnapshotOnly,
        SetMember? member,
        Action<BlobId> onFound,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        var assetName = asset.Id.Value;
        var snapshot = await vault.GetSnapshotAsync(wanted, assetName, cancellationToken);
        onFound(snapshot.Id);
        using BlobReader blobs = new(snapshot.Repository, session.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var folder = Path.Combine(VerifyLeftovers.FolderOf(session, plan), assetName);
        VerifyPoint point = new(isSnapshotOnly, member);
        await VerifyLeftovers.RemoveAsync(session, plan, cancellationToken);
        var report = await VerifySeat.HoldAsync(
            session,
            folder,
            asset.SnapshotKind,
            () => VerifyAsync(session, vault, asset, snapshot, reader, folder, point, cancellationToken),
            cancellationToken
        );
        Spans.Note(("resurgam.snapshot", snapshot.Id.Short));
        if (!report.Passed)
            Spans.Fail(
                "verification-failed",
                string.Join("; ", report.Checks.Where(check => !check.Passed).Select(check => check.Name))
            );
        return new VerifyDocument(
            assetName,
            snapshot.Id,
            report.Passed,
            [.. report.Checks.Select(CheckView.Of)],
            [.. report.Steps.Select(step => new StepView(step.Name, step.Duration.TotalSeconds))],
            new RecoveredTo(report.Lsn, report.AsOf ?? report.LastCommitAt),
            report.LastCommitAt,
            session.Time.GetElapsedTime(began)
        )
        {
            BytesTotal = report.BytesTotal,
            BytesWritten = report.BytesWritten,
            WalBytes = report.WalBytes,
            Unproven = report.Unproven,
        };
    }

    private static async Task<VerificationReport> VerifyAsync(
        Session session,
        Vault vault,
        Asset asset,
        SnapshotEntry snapshot,
        SnapshotReader reader,
        string folder,
        VerifyPoint point,
        CancellationToken cancellationToken
    ) =>
        asset switch
        {
            Asset.Postgres postgres => await VerifyAsync(
                session,
                vault,
                postgres,
                snapshot,
                await PostgresRestore.ReadRecordAsync(reader, snapshot, cancellationToken),
                folder,
                point,
                cancellationToken
            ),
            Asset.LogicalPostgres logical => await new LogicalVerify(
                vault,
                LogicalAccess.RequestOf(
                    logical,
                    await LogicalRestore.ReadRecordAsync(reader, snapshot, cancellationToken),
                    folder
                ),
                session.Progress
            ).RunAsync(snapshot, cancellationToken),
            Asset.Redis redis => await VerifyAsync(
                session,
                vault,
                redis,
                snapshot,
                await RedisRestore.ReadRecordAsync(reader, snapshot, cancellationToken),
                folder,
                point,
                cancellationToken
            ),
            Asset.Git git => await new GitVerify(
                vault,
                new GitVerificationRequest { Folder = folder, Timeout = git.Timeout },
                session.Progress
            ).RunAsync(snapshot, cancellationToken),
            Asset.Files => await new FilesVerify(vault, folder, session.Progress).RunAsync(snapshot, cancellationToken),
            Asset.Secret secret => await new SecretVerify(vault, secret.From, session.Secrets).RunAsync(
                snapshot,
                cancellationToken
            ),
            Asset.Kubernetes cluster => await new KubernetesVerify(
                vault,
                RequestOf(
                    session,
                    cluster,
                    await KubernetesRestore.ReadRecordAsync(reader, snapshot, cancellationToken),
                    folder
                ),
                session.Progress
            ).RunAsync(snapshot, cancellationToken),
            _ => throw new System.Diagnostics.UnreachableException($"no verification is written for {asset}"),
        };

    private static async Task<VerificationReport> VerifyAsync(
        Session session,
        Vault vault,
        Asset.Postgres asset,
        SnapshotEntry snapshot,
        PostgresRecord record,
        string folder,
        VerifyPoint point,
        CancellationToken cancellationToken
    )
    {
        var connection = ConnectionSettings.Parse(asset.Connection, session.Around.FindVariable);
        VerificationRequest request = new()
        {
            Folder = folder,
            Binaries = PostgresBinaries.Get(record.MajorVersion, asset.Binaries),
            Record = record,
            Archive = await WalAccess.OpenArchiveAsync(vault, asset.Id.Value, cancellationToken),
            Program = Environment.ProcessPath ?? "resurgam",
            Superuser = connection.User,
            Database = connection.Database,
            Questions = PlanQuestions.SourcesOf(asset.Questions),
            IsSnapshotOnly = point.IsSnapshotOnly,
            Target = point.Member is { IsStreamed: true } member ? SetTarget.Of(member) : null,
        };
        return await new PostgresVerify(vault, request, session.Progress).RunAsync(snapshot, cancellationToken);
    }

    private static async Task<VerificationReport> VerifyAsync(
        Session session,
        Vault vault,
        Asset.Redis asset,
        SnapshotEntry snapshot,
        RedisRecord record,
        string folder,
        VerifyPoint point,
        CancellationToken cancellationToken
    )
    {
        CommandArchive archive = new(await WalAccess.OpenArchiveAsync(vault, asset.Id.Value, cancellationToken));
        RedisVerificationRequest request = new()
        {
            Folder = folder,
            Record = record,
            Binaries = asset.Binaries,
            Commands = point.IsSnapshotOnly
                ? null
                : await CommandRecovery.FindAsync(
                    archive,
                    record,
                    until: null,
                    cancellationToken,
                    point.Member?.Offset
                ),
        };
        return await new RedisVerify(vault, request, session.Progress).RunAsync(snapshot, cancellationToken);
    }

    private static KubernetesVerificationRequest RequestOf(
        Session session,
        Asset.Kubernetes asset,
        Core.Kubernetes.KubernetesRecord record,
        string folder
    ) =>
        new()
        {
            Folder = folder,
            Record = record,
            Connection = new Adapters.Kubernetes.Wire.ConnectionSettings
            {
                Kubeconfig = asset.Kubeconfig,
                Context = asset.Context,
                FindVariable = session.Around.FindVariable,
            },
            Binaries = asset.Binaries,
        };

    private static void WriteText(TextWriter text, VerifyDocument document)
    {
        foreach (var check in document.Checks)
            text.WriteLine(
                $"{(check.NotChecked ? "open  " : check.Passed ? "passed" : "FAILED")}  {check.Name}: {check.Detail}"
            );
        foreach (var step in document.Steps)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Seconds, 7:0.00} s  {step.Name}"));
        if (document.LastCommitAt is { } at)
            text.WriteLine($"last transaction: {CliJson.ToText(at)}");
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"snapshot {document.Snapshot.Short} of {document.Asset}: {(document.Passed ? "proven" : "FAILED")}, {document.Duration.TotalSeconds:0.0} s"
            )
        );
    }
}

/// <summary>How far a snapshot is brought before it is questioned.</summary>
/// <param name="Member">As part of a recovery set; null: as far as there is anything.</param>
internal sealed record VerifyPoint(bool IsSnapshotOnly, SetMember? Member);
