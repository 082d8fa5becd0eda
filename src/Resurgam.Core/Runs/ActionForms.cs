using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

/// <summary>How one kind of action is written in a plan.</summary>
/// <param name="Name">The key <c>action</c>.</param>
/// <param name="About">For the reference.</param>
/// <param name="Keys">Of the group <c>with</c>.</param>
/// <param name="Read">Makes the action of them.</param>
internal sealed record ActionForm(
    string Name,
    string About,
    IReadOnlyList<PlanKey> Keys,
    Func<PlanMapping, StepAction> Read
)
{
    public PlanSection Section { get; } = new($"runbooks.NAME.steps.STEP.with (action: {Name})", About, Keys);
}

/// <summary>All kinds of actions, and the keys that several of them have.</summary>
internal static class ActionForms
{
    public static readonly PlanKey<string> Target = new("target", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "db",
        About = "Name of the target, below the plan's key `targets`.",
    };

    public static readonly PlanKey<string> Asset = new("asset", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "db",
        About = "Name of the asset.",
    };

    public static readonly PlanKey<string> Path = new("path", RunbookTypes.UrlPath)
    {
        Default = "/",
        Example = "/health",
        About = "Path and query, from the slash on.",
    };

    public static readonly PlanKey<int> Status = new("status", RunbookTypes.Status)
    {
        Default = "200",
        Example = "204",
        About = "The status that must come.",
    };

    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<ActionForm> All { get; } =
    [
        StepAction.Wait.Form,
        StepAction.Approve.Form,
        StepAction.Manual.Form,
        StepAction.Notify.Form,
        StepAction.Command.Form,
        StepAction.Http.Form,
        StepAction.Sql.Form,
        StepAction.VaultBackup.Form,
        StepAction.VaultVerify.Form,
        StepAction.VaultRestore.Form,
        StepAction.VaultCopy.Form,
        StepAction.PostgresDiagnose.Form,
        StepAction.PostgresSetting.Form,
        StepAction.PostgresRestart.Form,
        StepAction.PostgresStop.Form,
        StepAction.PostgresStart.Form,
        StepAction.PostgresTerminate.Form,
        StepAction.PostgresFence.Form,
        StepAction.PostgresPromote.Form,
        StepAction.PostgresRotate.Form,
        StepAction.PostgresRevoke.Form,
        StepAction.PostgresSwap.Form,
        StepAction.RedisPromote.Form,
        StepAction.RedisFlush.Form,
        StepAction.DnsUpdate.Form,
        StepAction.GitRevert.Form,
        StepAction.GitPush.Form,
        StepAction.TofuPlan.Form,
        StepAction.TofuApply.Form,
        StepAction.ServiceStart.Form,
        StepAction.ServiceStop.Form,
        StepAction.ServiceRestart.Form,
        StepAction.KubernetesEvidence.Form,
        StepAction.KubernetesPause.Form,
        StepAction.KubernetesResume.Form,
        StepAction.KubernetesScale.Form,
        StepAction.KubernetesRestart.Form,
        StepAction.KubernetesRollback.Form,
        StepAction.KubernetesWait.Form,
        StepAction.KubernetesApply.Form,
        StepAction.KubernetesEvict.Form,
        StepAction.KubernetesQuarantine.Form,
        StepAction.Hold.Form,
        StepAction.Measure.Form,
        StepAction.KillService.Form,
        StepAction.KillPostgres.Form,
        StepAction.DestroyFiles.Form,
        StepAction.CutNetwork.Form,
    ];

    public static ActionForm? Find(string name) => All.FirstOrDefault(form => form.Name == name);
}
