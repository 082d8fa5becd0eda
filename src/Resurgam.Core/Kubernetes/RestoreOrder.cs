namespace Resurgam.Core.Kubernetes;

/// <summary>What has to be there before what. Objects of one stage need none of each other.</summary>
public static class RestoreOrder
{
    public const int Definitions = 0;
    private const int Namespaces = 1;
    private const int Others = 60;
    private const int Owned = 70;

    private static readonly Dictionary<string, int> Stages = new(StringComparer.Ordinal)
    {
        ["CustomResourceDefinition"] = Definitions,
        ["Namespace"] = Namespaces,
        ["PriorityClass"] = 5,
        ["RuntimeClass"] = 5,
        ["StorageClass"] = 5,
        ["CSIDriver"] = 5,
        ["IngressClass"] = 5,
        ["ClusterRole"] = 10,
        ["Role"] = 10,
        ["ServiceAccount"] = 11,
        ["ClusterRoleBinding"] = 12,
        ["RoleBinding"] = 12,
        ["PersistentVolume"] = 20,
        ["PersistentVolumeClaim"] = 21,
        ["Secret"] = 30,
        ["ConfigMap"] = 30,
        ["NetworkPolicy"] = 32,
        ["PodDisruptionBudget"] = 32,
        ["Endpoints"] = 40,
        ["EndpointSlice"] = 41,
        ["Service"] = 40,
        ["Pod"] = 42,
        ["LimitRange"] = 45, // fills in what pods and claims leave out, and refuses some; it holds only for those that come after it
        ["Deployment"] = 50,
        ["StatefulSet"] = 50,
        ["DaemonSet"] = 50,
        ["ReplicaSet"] = 50,
        ["ReplicationController"] = 50,
        ["Job"] = 50,
        ["CronJob"] = 50,
        ["HorizontalPodAutoscaler"] = 80,
        ["Ingress"] = 80,
        ["ResourceQuota"] = 85, // counts what is there: before the rest it could refuse some of it
        ["APIService"] = 90, // asks a program that the rest brings up
        ["MutatingWebhookConfiguration"] = 91, // from here on every write asks such a program
        ["ValidatingWebhookConfiguration"] = 91,
        ["ValidatingAdmissionPolicy"] = 91,
        ["ValidatingAdmissionPolicyBinding"] = 92,
    };

    /// <param name="isOwned">It names owners, which must be there first.</param>
    public static int StageOf(ObjectKey key, bool isOwned)
    {
        // A custom type may have any kind's name.
        var stage = IsOfKubernetes(key.Group) && Stages.TryGetValue(key.Kind, out var known) ? known : Others;
        return isOwned && stage < Owned ? Owned : stage;
    }

    private static bool IsOfKubernetes(string group) =>
        group is "" or "apps" or "batch" or "policy" or "autoscaling" or "extensions"
        || group.EndsWith(".k8s.io", StringComparison.Ordinal);
}
