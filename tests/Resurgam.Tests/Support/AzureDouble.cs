using System.Globalization;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Tests.Support;

/// <summary>
/// The little of Azure Blob Storage that a vault needs, stricter than the service: what is not signed as its manual says is refused.
/// </summary>
public sealed class AzureDouble : HttpDouble
{
    public const string Account = "account";
    public const string Container = "container";
    private const int PageSize = 3;

    private readonly SortedDictionary<string, (byte[] Bytes, string Metadata)> _blobs = new(StringComparer.Ordinal);

    /// <summary>Of the account.</summary>
    public static string Key { get; } = Convert.ToBase64String(SHA256.HashData("azure"u8));

    /// <summary>As an emulator has it: the account is in the path.</summary>
    public string Endpoint => $"{Address}/{Account}";

    /// <summary>What a create is told whose name is taken.</summary>
    public (int Status, string Code) Taken { get; set; } = (409, "BlobAlreadyExists");

    /// <summary>A signature that must stand in each address; null: requests are signed by the key.</summary>
    public string? Sas { get; set; }

    /// <summary>A sentence that goes with <see cref="HttpDouble.Refusal"/>.</summary>
    public string Message { get; set; } = "as told";

    public bool RepeatsPages { get; set; }

    /// <summary>The service may give a page without blobs, and a next one.</summary>
    public bool HasEmptyPages { get; set; }

    protected override string BusyCode => "ServerBusy";

    public void Set(string key, byte[] bytes)
    {
        lock (Gate)
            _blobs[key] = (bytes, "");
    }

    internal override HttpAnswer Do(HttpAsk request, byte[] body, ServerTrouble trouble)
    {
        if (!IsSigned(request))
            return Refuse(403, "AuthenticationFailed");
        var path = KeyOf(request);
        return (request.Method, path.Length) switch
        {
            ("PUT", > 0) => Put(request, path, body),
            ("DELETE", > 0) => Delete(path),
            ("GET", 0) when request.Query("comp") == "list" && request.Query("restype") == "container" => List(request),
            ("GET" or "HEAD", > 0) => Get(
                trouble == ServerTrouble.WholeForRange ? null : request.Header("x-ms-range"),
                path
            ),
            _ => Refuse(400, "UnsupportedHttpVerb"),
        };
    }

    internal override HttpAnswer Refuse(int status, string code) =>
        new(
            status,
            $"x-ms-error-code: {code}\r\n",
            Encoding.UTF8.GetBytes(
                $"\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{Message}\nRequestId:1</Message></Error>"
            )
        );

    /// <summary>Written from the manual anew, so that a mistake of the store's own signing shows.</summary>
    private bool IsSigned(HttpAsk request)
    {
        if (request.Header("x-ms-version") is null || request.Header("x-ms-date") is null)
            return false;
        if (Sas is not null)
            return request.Target.Contains(Sas, StringComparison.Ordinal) && request.Header("authorization") is null;
        var length = request.Header("content-length") is { } given and not "0" ? given : "";
        var headers = string.Concat(
            request
                .Headers.Where(header => header.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
                .Select(header => $"{header.Key.ToLowerInvariant()}:{header.Value}\n")
                .Order(StringComparer.Ordinal)
        );
        var resource = $"/{Account}{request.Path}";
        foreach (var name in (string[])["comp", "marker", "prefix", "restype"])
            if (request.Target.Contains($"{name}=", StringComparison.Ordinal))
                resource += $"\n{name}:{request.Query(name)}";
        var text =
            $"{request.Method}\n\n\n{length}\n\n{request.Header("content-type")}\n\n\n\n{request.Header("if-none-match")}\n\n\n{headers}{resource}";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(text));
        return request.Header("authorization") == $"SharedKey {Account}:{Convert.ToBase64String(signature)}";
    }

    internal override void Forget(HttpAsk request)
    {
        lock (Gate)
            _blobs.Remove(KeyOf(request));
    }

    private static string KeyOf(HttpAsk request) =>
        Uri.UnescapeDataString(request.Path)[$"/{Account}/{Container}".Length..].TrimStart('/');

    private HttpAnswer Put(HttpAsk request, string key, byte[] body)
    {
        if (request.Header("x-ms-blob-type") != "BlockBlob" || request.Header("if-none-match") != "*")
            return Refuse(400, "InvalidHeaderValue");
        lock (Gate)
        {
            if (_blobs.ContainsKey(key))
                return Refuse(Taken.Status, Taken.Code);
            _blobs[key] = (body, request.Metadata("x-ms-meta-"));
            return new HttpAnswer(201, "", []);
        }
    }

    private HttpAnswer Delete(string key)
    {
        lock (Gate)
            return _blobs.Remove(key) ? new HttpAnswer(202, "", []) : Refuse(404, "BlobNotFound");
    }

    private HttpAnswer Get(string? range, string key)
    {
        (byte[] Bytes, string Metadata) blob;
        lock (Gate)
            if (!_blobs.TryGetValue(key, out blob))
                return Refuse(404, "BlobNotFound");
        var headers = $"Last-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n{blob.Metadata}";
        if (range is null)
            return new HttpAnswer(200, headers, blob.Bytes);
        var (from, to) = range["bytes=".Length..].Split('-') is [var a, var b] ? (Number(a), Number(b)) : default;
        if (from >= blob.Bytes.Length)
            return Refuse(416, "InvalidRange");
        to = Math.Min(to, blob.Bytes.Length - 1);
        return new HttpAnswer(
            206,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{headers}Content-Range: bytes {from}-{to}/{blob.Bytes.Length}\r\n"
            ),
            blob.Bytes[(int)from..((int)to + 1)]
        );
    }

    private HttpAnswer List(HttpAsk request)
    {
        var (prefix, marker) = (request.Query("prefix"), RepeatsPages ? "" : request.Query("marker"));
        var isEmpty = HasEmptyPages && !marker.StartsWith('!');
        var after = marker.TrimStart('!');
        List<KeyValuePair<string, (byte[] Bytes, string Metadata)>> found;
        lock (Gate)
            found =
            [
                .. _blobs
                    .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal) && !IsHidden(item.Key))
                    .Where(item => string.CompareOrdinal(item.Key, after) > 0)
                    .Take(PageSize + 1),
            ];
        StringBuilder xml = new(
            "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"x\"><Prefix/><Blobs>"
        );
        foreach (var (key, blob) in isEmpty ? [] : found.Take(PageSize))
            xml.Append(
                CultureInfo.InvariantCulture,
                $"<Blob><Name>{SecurityElement.Escape(key)}</Name><Properties><Last-Modified>Sun, 01 Nov 2026 00:00:00 GMT</Last-Modified><Content-Length>{blob.Bytes.Length}</Content-Length></Properties><OrMetadata/></Blob>"
            );
        var next =
            isEmpty ? $"!{after}"
            : found.Count > PageSize ? found[PageSize - 1].Key
            : "";
        xml.Append(CultureInfo.InvariantCulture, $"</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>");
        return new HttpAnswer(200, "", Encoding.UTF8.GetBytes(xml.ToString()));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
