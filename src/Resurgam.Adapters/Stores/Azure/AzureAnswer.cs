using System.Globalization;
using System.Net;
using System.Xml;

namespace Resurgam.Adapters.Stores.Azure;

/// <summary>A refusal of the service.</summary>
/// <param name="Code">Its own word for it, for example <c>BlobNotFound</c>; empty when it gives none.</param>
/// <param name="Message">A sentence of the service, or empty.</param>
internal sealed record AzureAnswer(HttpStatusCode Status, string Code, string Message)
{
    /// <summary>An answer of some other server may go on for ever.</summary>
    private const int MostBytes = 64 << 10;

    public string Said => string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)Status} {Code} {Message}").TrimEnd();

    public static async Task<AzureAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var code = response.Headers.TryGetValues("x-ms-error-code", out var codes) ? codes.First() : "";
        var bytes = new byte[MostBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await body.ReadAtLeastAsync(bytes, MostBytes, throwOnEndOfStream: false, cancellationToken);
        var (inBody, message) = ReadXml(bytes.AsSpan(0, length).ToArray());
        return new AzureAnswer(response.StatusCode, code.Length > 0 ? code : inBody, message);
    }

    private static (string Code, string Message) ReadXml(byte[] bytes)
    {
        var (code, message) = ("", "");
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(bytes), AzureListing.Settings);
            while (xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element)
                    continue;
                if (xml.Name == "Code")
                    code = xml.ReadElementContentAsString();
                if (xml.Name is "Message" or "AuthenticationErrorDetail")
                    message = $"{message} {xml.ReadElementContentAsString().Split('\n')[0]}".Trim();
            }
        }
        catch (XmlException)
        {
            // No XML, or cut off: a proxy's page. The status tells what there is to tell.
        }
        return (code, message);
    }
}

/// <summary>A request was refused.</summary>
internal sealed class AzureException(AzureAnswer answer) : Exception(answer.Said)
{
    public AzureAnswer Answer => answer;
}
