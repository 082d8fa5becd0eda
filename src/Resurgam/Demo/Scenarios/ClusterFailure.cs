namespace Resurgam.Demo.Scenarios;

/// <summary>Several assets are gone at once: services, database, cluster, policies, manifests, keys.</summary>
internal sealed class ClusterFailure()
    : PlatformLoss("new-cluster", "change 4711: node groups at zero, API endpoint private")
{
    public override string Name => "cluster-failure";

    public override string InPlan => "cluster-failure";

    public override string Fault =>
        "services, database, the cluster with its objects, policies, manifests and sealing keys are gone at once";
}
