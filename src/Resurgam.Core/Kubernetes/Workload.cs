namespace Resurgam.Core.Kubernetes;

/// <summary>Something of a namespace that keeps pods running: <c>Deployment/web</c>.</summary>
/// <param name="Kind"><c>Deployment</c>, <c>StatefulSet</c> or <c>DaemonSet</c>.</param>
public sealed record Workload(string Kind, string Name)
{
    /// <summary>Of all of them.</summary>
    public const string Group = "apps";

    public const string Deployment = "Deployment";
    public const string DaemonSet = "DaemonSet";

    private static readonly string[] Kinds = [Deployment, "StatefulSet", DaemonSet];

    /// <summary>It has a number of pods; the nodes decide for the others.</summary>
    public bool HasReplicas => Kind != DaemonSet;

    /// <returns>Null when it is none.</returns>
    public static Workload? TryParse(string text) =>
        text.Split('/') is [var kind, { Length: > 0 } name] && Kinds.Contains(kind) ? new Workload(kind, name) : null;

    public override string ToString() => $"{Kind}/{Name}";
}
