namespace Resurgam.Core.Kubernetes;

/// <summary>Something that turns changes of others back: <c>Kustomization/flux-system/apps</c>.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
public sealed record ReconcilerName(string Kind, string Namespace, string Name)
{
    public const string Autoscaler = "HorizontalPodAutoscaler";
    public const string Application = "Application";

    /// <summary>The API group of each kind.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } =
        new Dictionary<string, string>
        {
            [Autoscaler] = "autoscaling",
            ["Kustomization"] = "kustomize.toolkit.fluxcd.io",
            ["HelmRelease"] = "helm.toolkit.fluxcd.io",
            [Application] = "argoproj.io",
        };

    /// <returns>Null when it is none.</returns>
    public static ReconcilerName? TryParse(string text) =>
        text.Split('/') is [var kind, { Length: > 0 } @namespace, { Length: > 0 } name] && Kinds.ContainsKey(kind)
            ? new ReconcilerName(kind, @namespace, name)
            : null;

    public override string ToString() => $"{Kind}/{Namespace}/{Name}";
}
