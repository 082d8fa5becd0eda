using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Kubernetes.Actions;

internal static class ActionProblems
{
    public static ResurgamException NoType(string server, string kind, string group) =>
        Of(
            "kubernetes-no-type",
            Remedy.Fix,
            $"cluster {server} knows no {kind}{(group.Length == 0 ? "" : $" of {group}")}",
            "'kubectl api-resources' lists what it knows."
        );

    public static ResurgamException Absent(string server, Workload workload) =>
        Of(
            "kubernetes-no-workload",
            Remedy.Fix,
            $"cluster {server} has no {workload}",
            $"Look for it: 'kubectl get {workload.Kind.ToLowerInvariant()} --namespace {workload.Namespace}'."
        );

    public static ResurgamException ChangedMeanwhile(string server, string path) =>
        Of(
            "kubernetes-changed-meanwhile",
            Remedy.Retry,
            $"{path} of cluster {server} was changed by somebody else between our look and our change",
            "Try again: nothing was changed by us."
        );

    public static ResurgamException NotReady(Workload workload, TimeSpan limit, string state) =>
        Of(
            "kubernetes-not-ready",
            Remedy.Retry,
            $"{workload} was not ready within {Duration.Format(limit)}: {state}",
            $"Look at its pods: 'kubectl describe {workload.Kind.ToLowerInvariant()} {workload.Name} --namespace {workload.Namespace}'."
        );

    public static ResurgamException NoRevision(Workload workload, long revision, IEnumerable<long> known) =>
        Of(
            "kubernetes-no-revision",
            Remedy.Fix,
            string.Create(CultureInfo.InvariantCulture, $"{workload} has no revision {revision}"),
            $"It has these: {string.Join(", ", known.Select(each => each.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("none"))}."
        );

    public static ResurgamException UndoPointless(Workload workload, string why) =>
        Of(
            "kubernetes-undo-refused",
            Remedy.Fix,
            $"a rollback of {workload} would not do what it says: {why}",
            "Pause the reconciler first, or roll back where it takes its manifests from; name images by digest."
        );

    private static ResurgamException Of(string code, Remedy remedy, string what, string hint) =>
        new(new Problem(code, remedy, what, hint));
}
