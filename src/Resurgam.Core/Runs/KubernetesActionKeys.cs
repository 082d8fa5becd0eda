using Resurgam.Core.Kubernetes;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The keys that several actions on Kubernetes have.</summary>
internal static class KubernetesActionKeys
{
    public static readonly PlanKey<string> Target = new("target", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "cluster",
        About = "Name of a target of kind `kubernetes`.",
    };

    public static readonly PlanKey<ValueList<Workload>> Workloads = new("workloads", KubernetesTypes.Workloads)
    {
        IsRequired = true,
        Example = "[Deployment/auth-service, Deployment/phi-service]",
        About = "What is meant, in its order: `Deployment/NAME`, `StatefulSet/NAME` or `DaemonSet/NAME`.",
    };

    public static readonly PlanKey<string> Selector = new("selector", KubernetesTypes.Selector)
    {
        IsRequired = true,
        Example = "app=phi-service",
        About = "Labels of the pods that are meant, as kubectl's `--selector` has it.",
    };

    public static readonly PlanKey<int> Most = new("most", KubernetesTypes.Most)
    {
        Default = "1",
        Example = "'3'",
        About = "How many pods it may be: when the selector means more, nothing is touched.",
    };

    public static readonly PlanKey<bool> Wait = new("wait", PlanTypes.YesOrNo)
    {
        Default = "true",
        Example = "false",
        About = "Whether the step waits until it is so.",
    };

    public static readonly PlanKey<ValueList<ReconcilerName>> Reconcilers = new(
        "reconcilers",
        KubernetesTypes.Reconcilers
    )
    {
        DefaultInWords = "those of the target's namespace",
        Example = "[Kustomization/flux-system/apps, Application/argocd/shop]",
        About = "Others beside those of the target's namespace: `KIND/NAMESPACE/NAME`.",
    };
}
