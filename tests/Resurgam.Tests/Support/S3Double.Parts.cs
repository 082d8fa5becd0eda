using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Resurgam.Tests.Support;

/// <summary>Objects that come in parts.</summary>
public sealed partial class S3Double
{
    private readonly SortedDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);
    private int _begun;

    /// <summary>As Ceph before 20: a completion replaces what is there.</summary>
    public bool CompletesOver { get; set; }

    /// <summary>Keys of the uploads that were begun and neither completed nor aborted.</summary>
    public IReadOnlyList<string> Uploads
    {
        get
        {
            lock (Gate)
                return [.. _uploads.Values.Select(upload => upload.Key)];
        }
    }

    /// <summary>Begins an upload as another process does.</summary>
    public void BeginUpload(string key, DateTimeOffset at)
    {
        lock (Gate)
            _uploads[$"upload-{++_begun}"] = new Upload(key, "", at);
    }

    public void DropUploads()
    {
        lock (Gate)
            _uploads.Clear();
    }

    internal override string LineOf(HttpAsk request) =>
        base.LineOf(request)
        + request.Method switch
        {
            "POST" when request.Asks("uploads") => " begin",
            "POST" when request.Asks("uploadId") => " complete",
            "PUT" when request.Asks("uploadId") => $" part {request.Query("partNumber")}",
            "DELETE" when request.Asks("uploadId") => " abort",
            "GET" when request.Asks("uploads") => " uploads",
            _ => "",
        };

    private HttpAnswer DoParts(HttpAsk request, string key, byte[] body)
    {
        lock (Gate)
        {
            if (request.Asks("uploads"))
                return request.Method == "POST" ? Begin(request, key) : ListUploads(request.Query("prefix"));
            var id = request.Query("uploadId");
            if (!_uploads.TryGetValue(id, out var upload) || upload.Key != key)
                return Refuse(404, "NoSuchUpload");
            switch (request.Method)
            {
                case "PUT":
                    upload.Parts[(int)Number(request.Query("partNumber"))] = body;
                    return new HttpAnswer(200, $"ETag: \"{body.Length}\"\r\n", []);
                case "DELETE":
                    _uploads.Remove(id);
                    return new HttpAnswer(204, "", []);
                default:
                    return Complete(request, id, upload, body);
            }
        }
    }

    private HttpAnswer Begin(HttpAsk request, string key)
    {
        var id = $"upload-{++_begun}";
        _uploads[id] = new Upload(key, request.Metadata("x-amz-meta-"), DateTimeOffset.UnixEpoch);
        return Xml($"<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
    }

    private HttpAnswer Complete(HttpAsk request, string id, Upload upload, byte[] body)
    {
        if (!CompletesOver && request.Header("if-none-match") == "*" && _objects.ContainsKey(upload.Key))
            return Refuse(412, "PreconditionFailed");
        List<byte> bytes = [];
        foreach (
            var part in XDocument
                .Parse(Encoding.UTF8.GetString(body))
                .Descendants()
                .Where(node => node.Name.LocalName == "PartNumber")
        )
        {
            if (!upload.Parts.TryGetValue((int)Number(part.Value), out var piece))
                return Refuse(400, "InvalidPart");
            bytes.AddRange(piece);
        }
        _objects[upload.Key] = [.. bytes];
        _metadata[upload.Key] = upload.Metadata;
        _uploads.Remove(id);
        return Xml("<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>");
    }

    private HttpAnswer ListUploads(string prefix)
    {
        StringBuilder xml = new("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>");
        foreach (var (id, upload) in _uploads)
            if (upload.Key.StartsWith(prefix, StringComparison.Ordinal))
                xml.Append(
                    CultureInfo.InvariantCulture,
                    $"<Upload><Key>{upload.Key}</Key><UploadId>{id}</UploadId><Initiated>{upload.At:yyyy-MM-ddTHH:mm:ss.fffZ}</Initiated></Upload>"
                );
        return Xml(xml.Append("</ListMultipartUploadsResult>").ToString());
    }

    private static HttpAnswer Xml(string text) =>
        new(200, "", Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?>" + text));

    private sealed record Upload(string Key, string Metadata, DateTimeOffset At)
    {
        public SortedDictionary<int, byte[]> Parts { get; } = [];
    }
}
