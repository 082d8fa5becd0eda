namespace Resurgam.Core.Plans.Sections;

/// <summary>How a container on Azure is reached.</summary>
internal static class AzureKeys
{
    public static readonly PlanKey<string> Account = new("account", AzureSection.AccountType)
    {
        IsRequired = true,
        Example = "drbackups",
        About = "Name of the storage account.",
    };

    public static readonly PlanKey<string?> Endpoint = new("endpoint", AzureSection.EndpointType)
    {
        DefaultInWords = "`https://ACCOUNT.blob.core.windows.net`",
        Example = "https://drbackups.blob.core.usgovcloudapi.net",
        About = "The account's address, for other clouds and for emulators, which have its name as a path.",
    };

    public static readonly PlanKey<SecretSource?> Key = new("key", SecretSection.Type.OrNone)
    {
        DefaultInWords = "none: then `sas`",
        Example = "{ file: /etc/resurgam/azure }",
        About = "Where the account's key is found, by the keys of `vault.secret`. Exactly one of `key` and `sas`.",
    };

    public static readonly PlanKey<SecretSource?> Sas = new("sas", SecretSection.Type.OrNone)
    {
        DefaultInWords = "none: then `key`",
        Example = "{ env: AZURE_SAS }",
        About =
            "Where a shared access signature of the container is found: read, create and list; delete for locks and expiry.",
    };

    public static readonly PlanSection Section = new(
        "vault.azure",
        "A store on Azure: the account, and as whom.",
        [Account, Endpoint, Key, Sas]
    );
}
