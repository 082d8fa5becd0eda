using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class VaultVerifyWork(StepAction.VaultVerify action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    public override Task<StepReport> ActAsync(CancellationToken cancellationToken) =>
        Tools.Vault.VerifyAsync(action.Of, cancellationToken);
}
