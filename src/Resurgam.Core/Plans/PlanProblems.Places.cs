using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

public static partial class PlanProblems
{
    internal static Problem S3StorageClass(string path, string written) =>
        Of(
            "plan-s3",
            $"{path} is '{written}', which cannot name a storage class",
            "Write it as the provider does, for example STANDARD_IA."
        );

    internal static Problem S3Word(string path, string written, string one, string other) =>
        Of("plan-s3", $"{path} is '{written}'", $"Write {one} or {other}, or leave the key out.");

    internal static Problem S3Lock(string path) =>
        Of(
            "plan-s3",
            $"{path} has only one of 'object-lock' and 'lock-for'",
            "Write both, for example object-lock: compliance and lock-for: 90d, or neither."
        );

    internal static Problem S3Kms(string path) =>
        Of("plan-s3", $"{path} has 'kms-key' without 'encryption: kms'", "Add 'encryption: kms', or remove the key.");

    internal static Problem AzureAddress(string path, string written) =>
        Of(
            "plan-store",
            $"{path} is '{written}', which is not an address on Azure",
            "Write azure://CONTAINER/PREFIX: a container of 3 to 63 of a-z, 0-9 and '-', a prefix of letters, digits and ._=@+- between slashes. The account stands in 'azure.account'."
        );

    internal static Problem AzureGroup(string path, string store, bool isNeeded) =>
        Of(
            "plan-azure",
            isNeeded
                ? $"{path} has its store on Azure, and no group 'azure'"
                : $"{path} has the group 'azure', and its store is {store}",
            isNeeded
                ? "Add azure: { account: NAME, key: { file: PATH } } beside 'store'."
                : "Remove the group, or let 'store' be an address on Azure: azure://CONTAINER/PREFIX."
        );

    internal static Problem AzureAccount(string path, string written) =>
        Of(
            "plan-azure",
            $"{path} is '{written}', which cannot name a storage account",
            "Write 3 to 24 of a-z and 0-9, as the portal shows it; an address belongs into 'endpoint'."
        );

    internal static Problem AzureEndpoint(string path) =>
        Of(
            "plan-azure",
            $"{path} is not the address of a storage account",
            "Write scheme and host: https://drbackups.blob.core.windows.net. The container stands in 'store', a signature in 'sas'."
        );

    internal static Problem AzureKeys(string path, int given) =>
        Of(
            "plan-azure",
            given == 0 ? $"{path} says of no credentials where they are" : $"{path} has both 'key' and 'sas'",
            "Write exactly one: 'key' with the account's key, or 'sas' with a shared access signature of the container."
        );

    internal static Problem ReplicaName(string path, string written) =>
        Of(
            "plan-replica",
            $"{path} is '{written}', which cannot name a replica",
            "Write 1 to 40 of a-z, 0-9, '-' and '_'; 'primary' is the vault's own place."
        );

    internal static Problem ReplicaTwice(string path, string name) =>
        Of(
            "plan-replica",
            $"{path} has the name '{name}', as a replica before it",
            "Give each replica a name of its own."
        );

    internal static Problem ReplicaSamePlace(string path, string store) =>
        Of(
            "plan-replica",
            $"{path} is in {store}, as the vault itself or a replica before it",
            "A replica is a copy in another place: name one that is not lost together with the first."
        );
}
