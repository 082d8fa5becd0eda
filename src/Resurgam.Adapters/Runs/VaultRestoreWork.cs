using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class VaultRestoreWork(StepAction.VaultRestore action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    private string To =>
        !Call.IsDrill
            ? action.To
            : action.DrillTo ?? throw ActionProblems.NoTarget(new TargetId(action.To), isDrill: true);

    private string At => action.At == StepAction.VaultRestore.AtOfRun ? Call.At ?? "latest" : action.At;

    public override Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        Tools.Vault.RestoreAsync(action, To, At, isDryRun: true, cancellationToken);

    /// <summary>A folder that an earlier attempt has filled in part is restored on, by content.</summary>
    public override Task<StepReport> ActAsync(CancellationToken cancellationToken) =>
        Tools.Vault.RestoreAsync(
            action with
            {
                IsDelta = action.IsDelta || (Call.Attempt > 1 && Directory.Exists(To)),
            },
            To,
            At,
            isDryRun: false,
            cancellationToken
        );
}
