using System.Text.Json;
using System.Text.RegularExpressions;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes how a container on Azure is reached.</summary>
internal static partial class AzureSection
{
    public static PlanType<PlanMapping?> Type { get; } =
        new("group", null, value => new PlanMapping(value, AzureKeys.Section));

    public static PlanType<string> AccountType { get; } = new("name of a storage account", "", ReadAccount);

    public static PlanType<string?> EndpointType { get; } = new("address of a server", null, ReadEndpoint);

    [GeneratedRegex(@"^[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountPattern { get; }

    public static AzurePlace Read(PlanMapping keys, PlanValue value)
    {
        var given = new PlanKey[] { AzureKeys.Key, AzureKeys.Sas }.Count(keys.Has);
        if (given != 1)
            value.Report.Add(
                keys.MarkOf(AzureKeys.Key),
                PlanProblems.AzureKeys($"{value.Path}.{PlaceKeys.Azure.Name}", given)
            );
        var account = keys.Get(AzureKeys.Account);
        return new AzurePlace
        {
            Account = account,
            Endpoint = keys.Get(AzureKeys.Endpoint) ?? $"https://{account}.blob.core.windows.net",
            Key = keys.Get(AzureKeys.Key),
            Sas = keys.Get(AzureKeys.Sas),
        };
    }

    public static void Write(Utf8JsonWriter json, AzurePlace azure)
    {
        json.WriteStartObject("azure");
        json.WriteString("account", azure.Account);
        json.WriteString("endpoint", azure.Endpoint);
        if (azure.Key is { } key)
            SecretSection.Write(json, "key", key);
        if (azure.Sas is { } sas)
            SecretSection.Write(json, "sas", sas);
        json.WriteEndObject();
    }

    private static string ReadAccount(PlanValue value)
    {
        var written = PlanTypes.ReadText(value);
        if (written is not null && !AccountPattern.IsMatch(written))
            value.Refuse(PlanProblems.AzureAccount(value.Path, written));
        return written ?? "";
    }

    /// <summary>What was written is not repeated: it may hold a signature.</summary>
    private static string? ReadEndpoint(PlanValue value)
    {
        if (PlanTypes.ReadText(value) is not { } written)
            return null;
        if (
            Uri.TryCreate(written, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https"
            && address.Query.Length == 0
            && address.Fragment.Length == 0
            && address.UserInfo.Length == 0
            && address.Host.Length > 0
        )
            return address.AbsoluteUri.TrimEnd('/');
        value.Refuse(PlanProblems.AzureEndpoint(value.Path));
        return null;
    }
}
