using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class TofuPlanWork(StepAction.TofuPlan action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        Tofu tofu = new(action.Program, action.Folder, Call, Tools);
        File.Delete(action.File);
        await tofu.SaveAsync(action.File, cancellationToken);
        try
        {
            var changes = await tofu.ShowAsync(action.File, cancellationToken);
            changes.Check(action.File, action.MayDelete);
            return StepReport.Done($"{changes}", new StepNote("plan", changes.Digest));
        }
        catch (ResurgamException)
        {
            File.Delete(action.File); // nobody carries it out
            throw;
        }
    }
}
