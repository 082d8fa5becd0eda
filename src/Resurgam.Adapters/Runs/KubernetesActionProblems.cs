using System.Globalization;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

internal static class KubernetesActionProblems
{
    public static ResurgamException NoType(string server, string kind, string group) =>
        Of(
            "kubernetes-no-type",
            Remedy.Fix,
            $"cluster {server} knows no {kind} of {group}",
            "'kubectl api-resources' lists what it knows."
        );

    public static ResurgamException NoUidFile(TargetId target, string file) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            $"{file}, which tells the cluster of target {target}, is not there; nothing was touched",
            $"The step that builds the cluster has to write it: 'kubectl get namespace kube-system -o jsonpath={{.metadata.uid}} > {file}'."
        );

    public static ResurgamException NoPods(string server, string selector, string @namespace) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            $"cluster {server} has no pods {selector} in {@namespace}",
            $"Look for them: 'kubectl get pods --namespace {@namespace} --selector {selector}'."
        );

    public static ResurgamException TooManyPods(string selector, int found, int most) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{selector} means {found} pods, and the step may touch {most} of them; nothing was touched"
            ),
            "Name the pods that are hit by labels of their own, or raise 'most' in the step."
        );

    public static ResurgamException ChangedMeanwhile(string server, string path) =>
        Of(
            "kubernetes-changed-meanwhile",
            Remedy.Retry,
            $"{path} of cluster {server} is changed by somebody else again and again",
            "Find out who: 'kubectl get --show-managed-fields'. A reconciler has to be paused first."
        );

    public static ResurgamException NotReady(Workload workload, TimeSpan limit, string state) =>
        Of(
            "kubernetes-not-ready",
            Remedy.Retry,
            $"{workload} was not ready within {Duration.Format(limit)}: {state}",
            $"Look at its pods: 'kubectl describe {workload.Kind.ToLowerInvariant()} {workload.Name}'."
        );

    public static ResurgamException NoRecord(Workload workload) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            $"nothing tells how many pods {workload} had before",
            "Write the number into the step: 'replicas: N'. A reconciler may have taken our note away."
        );

    public static ResurgamException NoRevision(Workload workload, long revision, IEnumerable<long> known) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            string.Create(CultureInfo.InvariantCulture, $"{workload} has no revision {revision}"),
            $"It has these: {string.Join(", ", known.Select(each => each.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("none"))}."
        );

    public static ResurgamException Pointless(Workload workload, string why) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            $"{workload} was left as it is: {why}",
            "Pause the reconciler first, or change it where its manifests come from; name images by digest."
        );

    public static ResurgamException NoManifests(string path) =>
        Of("kubernetes-manifest", Remedy.Fix, $"{path} holds no manifests", $"Look for them: 'ls -R {path}'.");

    public static ResurgamException ManifestElsewhere(string file, string @object, string @namespace) =>
        Of(
            "kubernetes-manifest",
            Remedy.Fix,
            $"{file}: {@object} is not of namespace {@namespace}",
            "A step acts in the namespace of its target: write a target and a step for each namespace."
        );

    public static ResurgamException NotApplied(IReadOnlyList<string> refusals, bool isTouched) =>
        Of(
            "kubernetes-action-refused",
            Remedy.Fix,
            $"{(isTouched ? "not all was applied" : "nothing was changed")}: {string.Join("; ", refusals)}",
            "Fields of others are theirs: take them out of the manifests, or add 'force: true' to the step."
        );

    private static ResurgamException Of(string code, Remedy remedy, string what, string hint) =>
        new(new Problem(code, remedy, what, hint));
}
