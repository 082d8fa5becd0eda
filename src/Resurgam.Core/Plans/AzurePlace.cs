namespace Resurgam.Core.Plans;

/// <summary>How a container of Azure Blob Storage is reached, and as whom.</summary>
public sealed record AzurePlace
{
    /// <summary>Name of the storage account.</summary>
    public required string Account { get; init; }

    /// <summary>Scheme, host and port, with a path where the account stands in it: <c>http://127.0.0.1:10000/devstoreaccount1</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The account's key; null when <see cref="Sas"/> is given.</summary>
    public SecretSource? Key { get; init; }

    /// <summary>A shared access signature; null when <see cref="Key"/> is given.</summary>
    public SecretSource? Sas { get; init; }
}
