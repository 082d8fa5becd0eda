using Resurgam.Core.Problems;

namespace Resurgam.Core.Kubernetes;

internal static class KubernetesFormatProblems
{
    public static ResurgamException NoRecord(string snapshot) =>
        new(
            new Problem(
                "kubernetes-no-record",
                Remedy.Fix,
                $"snapshot {snapshot} has no readable record of a Kubernetes cluster ({KubernetesRecord.Path})",
                "Choose another one: 'resurgam snapshots' lists them with their kinds; 'resurgam restore SNAPSHOT --path kubernetes --to FOLDER' brings the bare objects back."
            )
        );

    /// <param name="how">What is wrong, as a sentence that goes on after a colon.</param>
    public static ResurgamException BadConfig(string file, string how) =>
        new(
            new Problem(
                "kubernetes-config",
                Remedy.Fix,
                $"{file} is no kubeconfig that can be used: {how}",
                $"See what kubectl makes of it: 'kubectl --kubeconfig {file} config view'."
            )
        );

    /// <param name="how">What is wrong, as a sentence that goes on after a colon.</param>
    public static ResurgamException BadManifest(string file, string how) =>
        new(
            new Problem(
                "kubernetes-manifest",
                Remedy.Fix,
                $"{file} is no manifest that can be used: {how}",
                $"See what kubectl makes of it: 'kubectl apply --dry-run=client -f {file}'."
            )
        );

    public static ResurgamException NoContext(string? context, string file, IEnumerable<string> known) =>
        new(
            new Problem(
                "kubernetes-no-context",
                Remedy.Fix,
                context is null ? $"{file} has no current context" : $"{file} has no context {context}",
                $"Name one as 'context' of the asset in the plan: {string.Join(", ", known.DefaultIfEmpty("there is none"))}."
            )
        );
}
