using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class VaultCopyWork(StepAction.VaultCopy action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    public override Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        Tools.Vault.CopyAsync(action.To, readsBack: false, isDryRun: true, cancellationToken);

    public override Task<StepReport> ActAsync(CancellationToken cancellationToken) =>
        Tools.Vault.CopyAsync(action.To, action.ReadsBack, isDryRun: false, cancellationToken);
}
