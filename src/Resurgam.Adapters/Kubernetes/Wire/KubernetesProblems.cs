using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Kubernetes.Wire;

internal static class KubernetesProblems
{
    public static ResurgamException NoConfig() =>
        Of(
            "kubernetes-config",
            Remedy.Fix,
            "there is no kubeconfig: neither the plan nor KUBECONFIG names one, there is no ~/.kube/config, and this is no pod",
            "Name it as 'kubeconfig' of the asset in the plan."
        );

    public static ResurgamException ConfigUnreadable(string file, Exception cause) =>
        Of(
            "kubernetes-config",
            Remedy.Fix,
            $"{file} cannot be read: {cause.Message}",
            $"Check it: 'ls -l {file}'.",
            cause
        );

    public static ResurgamException BadServer(string context, string server) =>
        Of(
            "kubernetes-config",
            Remedy.Fix,
            $"context {context}: '{server}' is no address of a server",
            "Write it as https://HOST:PORT in the kubeconfig file."
        );

    public static ResurgamException Insecure(string context) =>
        Of(
            "kubernetes-insecure",
            Remedy.Fix,
            $"context {context} says 'insecure-skip-tls-verify': whoever sits in between could take every secret of the cluster",
            "Give the cluster its 'certificate-authority' in the kubeconfig file, or 'tls-server-name' when only the name differs."
        );

    public static ResurgamException NotEncrypted(string context, string server) =>
        Of(
            "kubernetes-insecure",
            Remedy.Fix,
            $"context {context} leads to {server}, which is not encrypted",
            "Write https:// in the kubeconfig file."
        );

    public static ResurgamException OldProvider(string context, string provider) =>
        Of(
            "kubernetes-credentials",
            Remedy.Fix,
            $"context {context} logs in by the auth-provider {provider}, which kubectl itself has dropped",
            "Let the cloud's own tool write the context anew: it will name an exec plugin."
        );

    public static ResurgamException Credentials(string context, string how) =>
        Of(
            "kubernetes-credentials",
            Remedy.Fix,
            $"context {context}: {how}",
            $"Run 'kubectl --context {context} get namespaces': what is wrong there is wrong here."
        );

    public static ResurgamException TlsFile(string option, string place, string how, Exception? cause) =>
        Of(
            "kubernetes-tls-file",
            Remedy.Fix,
            $"{option} of {place} cannot be used: {how}",
            "Check the certificate and its key in the kubeconfig file.",
            cause
        );

    public static ResurgamException TlsFailed(string server, string how, Exception cause) =>
        Of(
            "kubernetes-tls-failed",
            Remedy.Fix,
            $"the certificate of cluster {server} is not trusted: {how}",
            "Check 'certificate-authority' and 'tls-server-name' of the cluster in the kubeconfig file.",
            cause
        );

    public const string UnreachableCode = "kubernetes-unreachable";

    public static ResurgamException Unreachable(string server, string how, Exception? cause) =>
        Of(
            UnreachableCode,
            Remedy.Retry,
            $"cluster {server} cannot be reached: {how}",
            "Check that it runs and that the way to it is open: 'kubectl cluster-info'.",
            cause
        );

    public static ResurgamException Silent(string server, TimeSpan limit, Exception cause) =>
        Of(
            UnreachableCode,
            Remedy.Retry,
            $"cluster {server} did not answer within {Duration.Format(limit)}",
            "Check its load: 'kubectl get --raw /readyz?verbose'.",
            cause
        );

    public static ResurgamException Busy(string server, int times) =>
        Of(
            "kubernetes-busy",
            Remedy.Retry,
            string.Create(CultureInfo.InvariantCulture, $"cluster {server} is overloaded: it put us off {times} times"),
            "Try again later, or give the account a flow schema of its own."
        );

    public static ResurgamException AuthFailed(string server, string message) =>
        Of(
            "kubernetes-auth-failed",
            Remedy.Fix,
            $"cluster {server} does not know us: {message}",
            "Renew the credentials of the context; 'kubectl auth whoami' shows who it takes you for."
        );

    public const string DeniedCode = "kubernetes-denied";

    public static ResurgamException Denied(string server, string message) =>
        Of(
            DeniedCode,
            Remedy.Fix,
            $"cluster {server} denies it: {message}",
            "Give the account the right; docs/formats/kubernetes.md has the roles that a backup and a restore need."
        );

    public static ResurgamException Absent(string server, string path, string message) =>
        Of(
            "kubernetes-absent",
            Remedy.Fix,
            $"cluster {server} has no {path}: {message}",
            $"Look for it: 'kubectl get --raw {path}'."
        );

    public static ResurgamException ServerError(string server, string path, string message) =>
        Of(
            "kubernetes-server-error",
            Remedy.Retry,
            $"cluster {server} failed at {path}: {message}",
            "Check its health: 'kubectl get --raw /readyz?verbose'."
        );

    public static ResurgamException Unexpected(string server, string path, string message) =>
        Of(
            "kubernetes-protocol",
            Remedy.Fix,
            $"cluster {server} answered {path} with something that is not understood: {message}",
            "Check that the address is that of a Kubernetes API server: 'kubectl version'."
        );

    public static ResurgamException OtherCluster(string server, string found, string expected) =>
        Of(
            "kubernetes-other-cluster-refused",
            Remedy.Fix,
            $"cluster {server} is not the one that is meant: its uid is {found}, expected {expected}",
            "Check the context. When the cluster was made anew, its uid is another one: 'kubectl get namespace kube-system -o jsonpath={.metadata.uid}'."
        );

    private static ResurgamException Of(
        string code,
        Remedy remedy,
        string what,
        string hint,
        Exception? cause = null
    ) => new(new Problem(code, remedy, what, hint), cause);
}
