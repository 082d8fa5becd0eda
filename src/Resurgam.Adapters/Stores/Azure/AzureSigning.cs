using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Adapters.Stores.Azure;

/// <summary>Signs requests by the account's key.</summary>
/// <remarks>"Authorize with Shared Key", Azure Storage REST reference, for versions from 2015-02-21 on.</remarks>
internal static class AzureSigning
{
    public static void Sign(HttpRequestMessage request, string account, byte[] key)
    {
        var signature = Convert.ToBase64String(
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(TextToSign(request, account)))
        );
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedKey {account}:{signature}");
    }

    internal static string TextToSign(HttpRequestMessage request, string account)
    {
        var length = request.Content?.Headers.ContentLength ?? 0;
        string[] lines =
        [
            request.Method.Method,
            "", // Content-Encoding
            "", // Content-Language
            length == 0 ? "" : length.ToString(CultureInfo.InvariantCulture),
            "", // Content-MD5
            request.Content?.Headers.ContentType?.ToString() ?? "",
            "", // Date: x-ms-date counts
            "", // If-Modified-Since
            "", // If-Match
            request.Headers.TryGetValues("If-None-Match", out var tags) ? tags.First() : "",
            "", // If-Unmodified-Since
            "", // Range: x-ms-range counts
        ];
        StringBuilder text = new(string.Join('\n', lines));
        foreach (
            var header in request
                .Headers.Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value)))
                .Where(header => header.Name.StartsWith("x-ms-", StringComparison.Ordinal))
                .OrderBy(header => header.Name, StringComparer.Ordinal)
        )
            text.Append(CultureInfo.InvariantCulture, $"\n{header.Name}:{header.Value.Trim()}");
        var address =
            request.RequestUri ?? throw new ArgumentException("a request without an address", nameof(request));
        text.Append(CultureInfo.InvariantCulture, $"\n/{account}{address.AbsolutePath}");
        foreach (
            var (name, value) in address
                .Query.TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2))
                .Select(pair => (pair[0].ToLowerInvariant(), Uri.UnescapeDataString(pair.Length > 1 ? pair[1] : "")))
                .OrderBy(pair => pair.Item1, StringComparer.Ordinal)
        )
            text.Append(CultureInfo.InvariantCulture, $"\n{name}:{value}");
        return text.ToString();
    }
}
