using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Stores.Azure;

internal static class AzureProblems
{
    public static ResurgamException KeyMalformed(string account) =>
        Of(
            "azure-credentials",
            Remedy.Fix,
            $"the key of storage account {account} is not base64",
            "Copy it as the portal shows it below 'Access keys', without its name; 'azure.key' says where it is looked for."
        );

    public static ResurgamException SasMalformed(string account) =>
        Of(
            "azure-credentials",
            Remedy.Fix,
            $"the shared access signature for storage account {account} has no part 'sig='",
            "Copy the whole query of it, beginning with 'sv='; 'azure.sas' says where it is looked for."
        );

    public static ResurgamException Unreachable(string store, string what, Exception cause) =>
        Of(
            "azure-unreachable",
            Remedy.Retry,
            $"store {store} could not be reached to {what}: {Innermost(cause)}",
            "Check 'azure.account' and 'azure.endpoint' of the plan, the name, the network and the proxy variables with 'curl -v ENDPOINT', then run the same command again: what is stored already is kept.",
            cause
        );

    public static ResurgamException Stalled(string store, string what, TimeSpan limit, Exception cause) =>
        Of(
            "azure-unreachable",
            Remedy.Retry,
            $"store {store} took longer than {Duration.Format(limit)} without moving a byte to {what}",
            "Something takes connections and does not answer: check the server and what lies between with 'curl -v ENDPOINT', then run the same command again.",
            cause
        );

    public static ResurgamException Tls(string store, Exception cause) =>
        Of(
            "azure-tls",
            Remedy.Fix,
            $"the certificate of store {store} is not trusted here: {cause.Message}",
            "Add its authority to this machine's ('update-ca-certificates'), or name one with the variable SSL_CERT_FILE; 'curl -v ENDPOINT' shows the certificate.",
            cause
        );

    public static ResurgamException Unavailable(string store, string what, AzureAnswer answer) =>
        Of(
            "azure-unavailable",
            Remedy.Retry,
            $"store {store} keeps failing to {what}: {answer.Said}",
            "The service is overloaded or ill: look at its status and run the same command again; what is stored already is kept."
        );

    public static ResurgamException NoContainer(string store, AzureAnswer answer) =>
        Of(
            "azure-no-container",
            Remedy.Fix,
            $"the container of store {store} is not there: {answer.Said}",
            "Make it first (no program of ours makes containers), or correct 'store' in the plan; 'az storage container list' with the same account lists those that are there."
        );

    public static ResurgamException Credentials(string store, AzureAnswer answer) =>
        Of(
            "azure-credentials",
            Remedy.Fix,
            $"store {store} does not accept the credentials: {answer.Said}",
            "Check that 'azure.account' and its 'key' or 'sas' belong together, and that the secret has no space or line break too many."
        );

    public static ResurgamException Expired(string store, string what, AzureAnswer answer) =>
        Of(
            "azure-credentials-expired",
            Remedy.Fix,
            $"the shared access signature for store {store} is not valid at this time, so it refuses to {what}: {answer.Said}",
            "Make a new one, then run the same command again: what is stored already is kept. A 'command' in the plan can fetch it each time; 'date -u' shows this machine's clock."
        );

    public static ResurgamException Clock(string store, AzureAnswer answer) =>
        Of(
            "azure-clock",
            Remedy.Fix,
            $"this machine's clock differs too much from that of store {store}: {answer.Said}",
            "Compare 'date -u' with 'curl -sI ENDPOINT | grep -i ^date', and set the wrong one right ('timedatectl' shows whether time is synchronised)."
        );

    public static ResurgamException Denied(string store, string what, AzureAnswer answer) =>
        Of(
            "azure-denied",
            Remedy.Fix,
            $"store {store} does not allow to {what}: {answer.Said}",
            "Allow read, create and list on the container to these credentials (delete for locks and expiry), and this machine's address in the account's firewall. An immutability policy refuses to delete until its date."
        );

    public static ResurgamException Refused(string store, string what, AzureAnswer answer) =>
        Of(
            "azure-rejected",
            Remedy.Fix,
            $"store {store} refuses to {what}: {answer.Said}",
            "Look the service's code up in its manual; check 'store' and 'azure' of the plan."
        );

    public static ResurgamException WrongAnswer(string store, string what, string how) =>
        Of(
            "azure-no-azure",
            Remedy.Fix,
            $"what answers at store {store} did not keep to Azure's rules when asked to {what}: {how}",
            "Check 'azure.endpoint' of the plan: a proxy or a server that answers so cannot hold a vault."
        );

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message;

    private static ResurgamException Of(
        string code,
        Remedy remedy,
        string what,
        string hint,
        Exception? cause = null
    ) => new(new Problem(code, remedy, what.ReplaceLineEndings(" "), hint), cause);
}
