using System.Globalization;
using Resurgam.Adapters.Runs;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Ledgers;
using Resurgam.Restores;
using Resurgam.Vaults;
using Resurgam.Verifications;

namespace Resurgam.Runs;

/// <summary>The commands <c>backup</c>, <c>verify</c> and <c>restore</c> as steps of a run; each tells the asset's stream of the ledger, too.</summary>
/// <param name="source">What restores read: the vault, or a replica of it.</param>
internal sealed class VaultWork(Session session, Plan plan, Vault vault, Vault source) : IVaultWork
{
    private readonly LedgerRecorder _recorder = new(session, plan, vault);

    public async Task<StepReport> BackUpAsync(string asset, CancellationToken cancellationToken)
    {
        var (document, _) = await _recorder.RunAsync(
            StreamName.OfAsset(asset),
            EntryKind.Backup,
            BackupDocuments.Json.BackupDocument,
            () => BackupCommand.BackUpAsync(session, plan, plan.GetAsset(asset), vault, cancellationToken)
        );
        return StepReport.Done(
            $"snapshot {document.Snapshot.Short}{(document.Findings.Count > 0 ? $", with findings: {string.Join("; ", document.Findings)}" : "")}",
            new StepNote("snapshot", document.Snapshot.Hex)
        );
    }

    public async Task<StepReport> VerifyAsync(string asset, CancellationToken cancellationToken)
    {
        var document = await VerifyCommand.RunAndRecordAsync(
            session,
            plan,
            plan.GetAsset(asset),
            vault,
            "latest",
            isSnapshotOnly: false,
            cancellationToken
        );
        var failed = document.Checks.Where(check => !check.Passed).Select(check => $"{check.Name}: {check.Detail}");
        return document.Passed
            ? StepReport.Done(
                $"snapshot {document.Snapshot.Short} is proven: {document.Checks.Count} checks",
                new StepNote("snapshot", document.Snapshot.Hex)
            )
            : StepReport.Failed($"snapshot {document.Snapshot.Short} did not pass: {string.Join("; ", failed)}");
    }

    public async Task<StepReport> RestoreAsync(
        StepAction.VaultRestore action,
        string folder,
        string at,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var request = RequestOf(action, folder, at) with { IsDryRun = isDryRun };
        var snapshot = await RestoreCommand.ChooseAsync(source, plan, request, cancellationToken);
        Task<RestoreOutcome> Restore() =>
            RestoreCommand.RestoreAsync(session, plan, source, request, snapshot, cancellationToken);
        if (isDryRun)
        {
            var planned = await Restore();
            return StepReport.Done(
                $"snapshot {planned.Snapshot.Short} of {CliJson.ToText(snapshot.TakenAt)} would be restored to {folder}",
                new StepNote("snapshot", planned.Snapshot.Hex)
            );
        }
        var (document, _) = await _recorder.RunAsync(
            LedgerAccess.StreamOf(snapshot.Asset),
            EntryKind.Restore,
            RestoreDocuments.Json.RestoreDocument,
            async () => RestoreDocument.Of(snapshot.Asset, folder, await Restore())
        );
        return StepReport.Done(
            $"snapshot {document.Snapshot.Short} is back in {folder}{(document.RecoveredTo.InWords is { } point ? $", recovered to {point}" : "")}",
            new StepNote("snapshot", document.Snapshot.Hex),
            new StepNote("recovered-to", document.RecoveredTo.InWords ?? ""),
            new StepNote("bytes", document.BytesWritten.ToString(CultureInfo.InvariantCulture))
        );
    }

    /// <summary>What a step asks of <c>restore</c>.</summary>
    public static RestoreRequest RequestOf(StepAction.VaultRestore action, string folder, string at) =>
        new()
        {
            Wanted = action.Of,
            Target = folder,
            Path = action.Path.Trim('/'),
            RecoveryTarget = RecoveryTarget.TryParse(at) ?? throw RestoreFlowProblems.BadTarget(at),
            TargetText = at,
            IsDelta = action.IsDelta,
            Start = action.Start,
            Settings = action.Settings,
        };

    public async Task<StepReport> CopyAsync(
        string replica,
        bool readsBack,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var copy = await VaultCopyCommand.CopyAsync(
            session,
            plan,
            new VaultCopyRequest(replica, Every: null, readsBack, isDryRun),
            vault.Store,
            PlaceAccess.Get(plan, replica),
            cancellationToken
        );
        if (copy.Problem is { } problem)
            throw new ResurgamException(problem.ToProblem());
        var line = VaultCopyCommand.LineOf(copy, isDryRun);
        return copy.Passed || isDryRun
            ? StepReport.Done(line, new StepNote("objects", copy.Objects.ToString(CultureInfo.InvariantCulture)))
            : StepReport.Failed(
                $"{line}; {string.Join("; ", copy.Findings.Select(finding => $"{finding.Fault}: {finding.Key}: {finding.How}"))}"
            );
    }

    public async Task<string> KeepAsync(
        string folder,
        IReadOnlyList<EvidenceFile> files,
        CancellationToken cancellationToken
    )
    {
        await using var snapshot = await SnapshotWriter.BeginAsync(
            vault,
            EvidenceCapture.Name,
            EvidenceCapture.Name,
            cancellationToken
        );
        var entry = await new EvidenceCapture(folder, files, vault.Host.Time).RunAsync(snapshot, cancellationToken);
        return entry.Id.Hex;
    }
}
