using Resurgam.Adapters.Git.Restore;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Git;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Verifications;

namespace Resurgam.Restores;

/// <summary>Brings repositories back: as bare ones in a folder, or by a push to a server.</summary>
internal sealed class GitRestoreFlow(Session session, Plan plan, Vault vault, RestoreRequest request)
{
    /// <summary>All, one by its name, or a push; a path of the snapshot is restored as files.</summary>
    public static bool Takes(RestoreRequest request) =>
        GitPush.IsAddress(request.Target)
        || (
            request.Path != GitRecord.Folder
            && !request.Path.StartsWith($"{GitRecord.Folder}/", StringComparison.Ordinal)
            && !request.Path.StartsWith("resurgam", StringComparison.Ordinal)
        );

    public async Task<RestoreOutcome> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        if (RestoreCommand.OptionForClusters(request) is { } option)
            throw RestoreFlowProblems.NotForFiles(option);
        var result = GitPush.IsAddress(request.Target)
            ? await PushAsync(snapshot, cancellationToken)
            : await new GitRestore(
                vault,
                new GitRestoreRequest
                {
                    Target = request.Target,
                    Repository = Repository,
                    IsDelta = request.IsDelta,
                    IsDryRun = request.IsDryRun,
                },
                session.Progress
            ).RunAsync(snapshot, cancellationToken);
        var duration = session.Time.GetElapsedTime(began);
        return new RestoreOutcome(
            snapshot.Id,
            RecoveredTo.AsOf(result.Record.StartedAt),
            result.BytesWritten,
            duration,
            result.Notes
        )
        {
            Steps =
                request.IsDryRun || Repository is not null
                    ? []
                    : [new StepView(RecoverySteps.Restore, duration.TotalSeconds)],
            BytesTotal = result.BytesTotal,
        };
    }

    /// <summary><c>github.com/acme/policies</c>, however much of its folder's path stands around it.</summary>
    private string? Repository
    {
        get
        {
            const string ending = ".git";
            var name = request.Path.StartsWith($"{GitRecord.Folder}/", StringComparison.Ordinal)
                ? request.Path[(GitRecord.Folder.Length + 1)..]
                : request.Path;
            if (name.Length == 0 || name == GitRecord.Folder)
                return null;
            return name.EndsWith(ending, StringComparison.Ordinal) ? name[..^ending.Length] : name;
        }
    }

    private async Task<GitRestoreResult> PushAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var asset = AssetId.TryParse(snapshot.Asset ?? "", out var id) ? plan.FindAsset(id) as Asset.Git : null;
        GitPushRequest push = new()
        {
            Address = request.Target,
            Repository = Repository,
            Access = asset is null ? new GitAccess() : await GitAccessOf.PlanAsync(session, asset, cancellationToken),
            ScratchFolder = Path.Combine(session.StateDirectoryOf(plan), "git", $"push-{snapshot.Id.Short}"),
            IsDelta = request.IsDelta,
            IsForced = request.IsForced,
            IsDryRun = request.IsDryRun,
        };
        return await new GitPush(vault, push, session.Progress).RunAsync(snapshot, cancellationToken);
    }
}
