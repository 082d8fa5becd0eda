using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Kubernetes.Servers;

internal static class ServerProblems
{
    public static ResurgamException NotStarted(string program, string log) =>
        new(
            new Problem(
                "kubernetes-not-started",
                Remedy.Fix,
                $"{program} did not come up: {log}",
                "Read its words above; a machine with less than 1 GiB of free memory cannot run one. Leave 'binaries' out of the plan to verify by a dry run of the cluster itself."
            )
        );
}
