using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class VaultBackupWork(StepAction.VaultBackup action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    public override Task<StepReport> ActAsync(CancellationToken cancellationToken) =>
        Tools.Vault.BackUpAsync(action.Of, cancellationToken);
}
