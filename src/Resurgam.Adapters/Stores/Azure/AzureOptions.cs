using Resurgam.Adapters.Stores.Requests;

namespace Resurgam.Adapters.Stores.Azure;

/// <summary>Where a store on Azure is, as whom it is asked, and how long it may take.</summary>
public sealed record AzureOptions
{
    public required string Account { get; init; }

    /// <summary>Scheme, host and port, and the account where it stands in the path; without a slash at the end.</summary>
    public required string Endpoint { get; init; }

    public required string Container { get; init; }

    /// <summary>Empty, or without a slash at either end.</summary>
    public required string Prefix { get; init; }

    public required AzureCredentials Credentials { get; init; }

    public RequestLimits Limits { get; init; } = new();

    /// <summary>Told when the store does not answer, or fails, and is asked again; null: nobody.</summary>
    public Action<string>? Waits { get; init; }
}

/// <summary>As whom a store on Azure is asked: the account's key, or a signature that was handed out. Does not print itself.</summary>
public sealed class AzureCredentials
{
    private AzureCredentials(byte[]? key, string? sas) => (Key, Sas) = (key, sas);

    internal byte[]? Key { get; }

    /// <summary>Query parameters, without the question mark.</summary>
    internal string? Sas { get; }

    /// <param name="key">Base64, as the portal shows it.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>azure-credentials</c>: it is no base64.</exception>
    public static AzureCredentials OfKey(string key, string account)
    {
        var bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key.Trim(), bytes, out var length) && length > 0
            ? new AzureCredentials(bytes[..length], sas: null)
            : throw AzureProblems.KeyMalformed(account);
    }

    /// <param name="sas">With or without the question mark.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>azure-credentials</c>: it has no signature.</exception>
    public static AzureCredentials OfSas(string sas, string account)
    {
        var query = sas.Trim().TrimStart('?');
        return query.Split('&').Any(part => part.StartsWith("sig=", StringComparison.Ordinal))
            ? new AzureCredentials(key: null, query)
            : throw AzureProblems.SasMalformed(account);
    }

    public override string ToString() => "(credentials)";
}
