using System.Globalization;
using System.Security;
using System.Text;

namespace Resurgam.Tests.Support;

/// <summary>The little of S3 that a vault needs, on the loopback interface, with trouble as told.</summary>
public sealed partial class S3Double : HttpDouble
{
    private const int PageSize = 3;

    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    public string Endpoint => Address;

    public bool IgnoresConditions { get; set; }

    /// <summary>Every page of a listing is the first one.</summary>
    public bool RepeatsPages { get; set; }

    protected override string BusyCode => "SlowDown";

    public void Set(string key, byte[] bytes)
    {
        lock (Gate)
            _objects[key] = bytes;
    }

    internal override HttpAnswer Do(HttpAsk request, byte[] body, ServerTrouble trouble)
    {
        var key = KeyOf(request);
        if (request.Asks("uploads") || request.Asks("uploadId"))
            return DoParts(request, key, body);
        return (request.Method, key.Length) switch
        {
            ("PUT", _) => Put(request, key, body),
            ("DELETE", _) => Delete(key),
            (_, 0) => List(request),
            _ => Get(trouble == ServerTrouble.WholeForRange ? null : request.Header("range"), key),
        };
    }

    internal override void Forget(HttpAsk request)
    {
        lock (Gate)
            _objects.Remove(KeyOf(request));
    }

    private static string KeyOf(HttpAsk request)
    {
        var path = Uri.UnescapeDataString(request.Path).TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : path[(slash + 1)..];
    }

    private HttpAnswer Put(HttpAsk request, string key, byte[] body)
    {
        lock (Gate)
        {
            if (!IgnoresConditions && request.Header("if-none-match") == "*" && _objects.ContainsKey(key))
                return Refuse(412, "PreconditionFailed");
            _objects[key] = body;
            _metadata[key] = request.Metadata("x-amz-meta-");
            return new HttpAnswer(200, "", []);
        }
    }

    private HttpAnswer Delete(string key)
    {
        lock (Gate)
            _objects.Remove(key);
        return new HttpAnswer(204, "", []);
    }

    private HttpAnswer Get(string? range, string key)
    {
        byte[]? bytes;
        string at;
        lock (Gate)
        {
            bytes = _objects.GetValueOrDefault(key);
            at = "Last-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n" + _metadata.GetValueOrDefault(key);
        }
        if (bytes is null)
            return Refuse(404, "NoSuchKey");
        if (range is null)
            return new HttpAnswer(200, at, bytes);
        var (from, to) = range["bytes=".Length..].Split('-') is [var a, var b] ? (Number(a), Number(b)) : default;
        if (from >= bytes.Length)
            return Refuse(416, "InvalidRange");
        to = Math.Min(to, bytes.Length - 1);
        return new HttpAnswer(
            206,
            string.Create(CultureInfo.InvariantCulture, $"{at}Content-Range: bytes {from}-{to}/{bytes.Length}\r\n"),
            bytes[(int)from..((int)to + 1)]
        );
    }

    private HttpAnswer List(HttpAsk request)
    {
        var (prefix, after) = (request.Query("prefix"), RepeatsPages ? "" : request.Query("continuation-token"));
        List<KeyValuePair<string, byte[]>> found;
        lock (Gate)
            found =
            [
                .. _objects
                    .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal) && !IsHidden(item.Key))
                    .Where(item => string.CompareOrdinal(item.Key, after) > 0)
                    .Take(PageSize + 1),
            ];
        StringBuilder xml = new(
            "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        );
        var isCut = found.Count > PageSize;
        xml.Append(CultureInfo.InvariantCulture, $"<IsTruncated>{(isCut ? "true" : "false")}</IsTruncated>");
        if (isCut)
            xml.Append(
                CultureInfo.InvariantCulture,
                $"<NextContinuationToken>{found[PageSize - 1].Key}</NextContinuationToken>"
            );
        foreach (var (key, bytes) in found.Take(PageSize))
            xml.Append(
                CultureInfo.InvariantCulture,
                $"<Contents><Key>{SecurityElement.Escape(key)}</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified><Size>{bytes.Length}</Size></Contents>"
            );
        return new HttpAnswer(200, "", Encoding.UTF8.GetBytes(xml.Append("</ListBucketResult>").ToString()));
    }

    internal override HttpAnswer Refuse(int status, string code) =>
        new(
            status,
            "",
            Encoding.UTF8.GetBytes(
                $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>as told</Message></Error>"
            )
        );

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
