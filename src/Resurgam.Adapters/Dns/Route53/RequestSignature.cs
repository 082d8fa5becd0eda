using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Adapters.Dns.Route53;

/// <param name="SessionToken">Of credentials that expire; null: none.</param>
internal sealed record AmazonKey(string AccessKey, string SecretKey, string? SessionToken);

/// <summary>Signs a request to a service of Amazon's.</summary>
/// <remarks>"AWS Signature Version 4", IAM user guide: header <c>Authorization</c>. Path and query are given as they are sent, the query sorted.</remarks>
internal sealed record RequestSignature(AmazonKey Key, string Region, string Service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds what the signature needs, and the signature.</summary>
    public void Sign(HttpRequestMessage request, byte[] body, DateTimeOffset now)
    {
        var address =
            request.RequestUri ?? throw new ArgumentException("a request without an address", nameof(request));
        var moment = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        SortedDictionary<string, string> headers = new(StringComparer.Ordinal)
        {
            ["host"] = address.IsDefaultPort ? address.Host : address.Authority,
            ["x-amz-date"] = moment,
        };
        request.Headers.TryAddWithoutValidation("x-amz-date", moment);
        if (Key.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
            request.Headers.TryAddWithoutValidation("x-amz-security-token", token);
        }
        var signed = string.Join(';', headers.Keys);
        var scope = $"{moment[..8]}/{Region}/{Service}/aws4_request";
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            address.AbsolutePath,
            address.Query.TrimStart('?'),
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n")),
            signed,
            Convert.ToHexStringLower(SHA256.HashData(body))
        );
        var text =
            $"{Algorithm}\n{moment}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes($"AWS4{Key.SecretKey}");
        foreach (var part in (string[])[moment[..8], Region, Service, "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"{Algorithm} Credential={Key.AccessKey}/{scope}, SignedHeaders={signed}, Signature={signature}"
        );
    }
}
