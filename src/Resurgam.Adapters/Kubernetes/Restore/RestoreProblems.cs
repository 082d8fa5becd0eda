using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Kubernetes.Restore;

internal static class RestoreProblems
{
    public static ResurgamException NoObject(ObjectKey key, string snapshot) =>
        new(
            new Problem(
                "kubernetes-no-object",
                Remedy.Fix,
                $"{key} of snapshot {snapshot} is no object: its file {key.Path} is not JSON",
                "Choose another snapshot: 'resurgam snapshots' lists them; leave the object out with --only."
            )
        );

    public static ResurgamException Unconfirmed(string server, string found) =>
        new(
            new Problem(
                "kubernetes-unconfirmed-refused",
                Remedy.Fix,
                $"nothing says that {server} is the cluster that is meant; its uid is {found}",
                $"When it is, run this again with --cluster-uid {found}, or write 'cluster-uid: {found}' into the plan."
            )
        );

    public static ResurgamException NotEstablished(string name, string how) =>
        new(
            new Problem(
                "kubernetes-not-established",
                Remedy.Fix,
                $"the cluster did not take the definition {name} into service: {how}",
                $"Look at its conditions: 'kubectl describe crd {name}'; then run this again."
            )
        );

    public static ResurgamException NothingChosen(string snapshot) =>
        new(
            new Problem(
                "kubernetes-nothing-chosen",
                Remedy.Fix,
                $"no object of snapshot {snapshot} fits --only",
                "Write KIND, KIND/NAME or NAMESPACE/KIND/NAME, with * for any; 'resurgam ls SNAPSHOT kubernetes' lists what there is."
            )
        );
}
