using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Text;

namespace Resurgam.Tests.Support;

/// <summary>What happens to a request.</summary>
public enum S3Trouble
{
    None,

    /// <summary>503 SlowDown.</summary>
    Busy,

    /// <summary>The connection goes down in the middle of the body, and nothing is done.</summary>
    Drop,

    /// <summary>It is done, and the connection goes down before the answer.</summary>
    Unheard,

    /// <summary>Taken, never answered.</summary>
    Silent,

    /// <summary>Half of the body comes, then the connection goes down.</summary>
    HalfAnswer,

    /// <summary>Read as if it asked for no range.</summary>
    WholeForRange,

    /// <summary>What <see cref="S3Double.Refusal"/> says.</summary>
    Refused,
}

/// <summary>The little of S3 that a vault needs, on the loopback interface, with trouble as told.</summary>
public sealed class S3Double : IDisposable
{
    private const int PageSize = 3;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];

    public S3Double()
    {
        _listener.Start();
        Endpoint = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        Serving = ServeAsync();
    }

    public string Endpoint { get; }

    /// <summary>Ends after <see cref="Dispose"/>, when every request has its answer.</summary>
    public Task Serving { get; }

    /// <summary>Method and path of a request, and how many like it came before.</summary>
    public Func<string, int, S3Trouble> Trouble { get; set; } = (_, _) => S3Trouble.None;

    public (int Status, string Code) Refusal { get; set; } = (403, "AccessDenied");

    public bool IgnoresConditions { get; set; }

    /// <summary>Called when a request is left without an answer.</summary>
    public Action OnSilence { get; set; } = () => { };

    /// <summary>What a listing leaves out, as a store does that shows new objects late.</summary>
    public Func<string, bool> IsHidden { get; set; } = _ => false;

    /// <summary>Every page of a listing is the first one.</summary>
    public bool RepeatsPages { get; set; }

    /// <summary>Method and path of every request that came.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_gate)
                return [.. _asked];
        }
    }

    public void Set(string key, byte[] bytes)
    {
        lock (_gate)
            _objects[key] = bytes;
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        while (true)
        {
            try
            {
                answers.Add(AnswerAsync(await _listener.AcceptSocketAsync(CancellationToken.None)));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                break; // closed
            }
        }
        await Task.WhenAll(answers);
    }

    private async Task AnswerAsync(Socket socket)
    {
        await Task.Yield();
        using (socket)
        {
            try
            {
                await using NetworkStream stream = new(socket);
                await AnswerOrThrowAsync(await S3Request.ReadAsync(stream), stream);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // The client went away.
            }
        }
    }

    private async Task AnswerOrThrowAsync(S3Request request, NetworkStream stream)
    {
        var line = $"{request.Method} {request.Path}";
        int before;
        lock (_gate)
        {
            before = _asked.Count(other => other == line);
            _asked.Add(line);
        }
        var trouble = Trouble(line, before);
        if (trouble == S3Trouble.Drop)
        {
            await stream.ReadAtLeastAsync(
                new byte[1024],
                (int)Math.Min(1024, request.LengthBytes),
                throwOnEndOfStream: false,
                CancellationToken.None
            );
            return;
        }
        var body = new byte[request.LengthBytes];
        await stream.ReadExactlyAsync(body, CancellationToken.None);
        if (trouble == S3Trouble.Silent)
        {
            OnSilence();
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, CancellationToken.None);
            return;
        }
        var answer = trouble switch
        {
            S3Trouble.Busy => Refuse(503, "SlowDown"),
            S3Trouble.Refused => Refuse(Refusal.Status, Refusal.Code),
            _ => Do(request, body, trouble),
        };
        if (trouble != S3Trouble.Unheard)
            await SendAsync(request, answer, stream, isHalf: trouble == S3Trouble.HalfAnswer);
    }

    private S3Answer Do(S3Request request, byte[] body, S3Trouble trouble)
    {
        var path = Uri.UnescapeDataString(request.Path).TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var key = slash < 0 ? "" : path[(slash + 1)..];
        return (request.Method, key.Length) switch
        {
            ("PUT", _) => Put(request, key, body),
            ("DELETE", _) => Delete(key),
            (_, 0) => List(request),
            _ => Get(trouble == S3Trouble.WholeForRange ? null : request.Header("range"), key),
        };
    }

    private S3Answer Put(S3Request request, string key, byte[] body)
    {
        lock (_gate)
        {
            if (!IgnoresConditions && request.Header("if-none-match") == "*" && _objects.ContainsKey(key))
                return Refuse(412, "PreconditionFailed");
            _objects[key] = body;
            _metadata[key] = request.Metadata;
            return new S3Answer(200, "", []);
        }
    }

    private S3Answer Delete(string key)
    {
        lock (_gate)
            _objects.Remove(key);
        return new S3Answer(204, "", []);
    }

    private S3Answer Get(string? range, string key)
    {
        byte[]? bytes;
        string at;
        lock (_gate)
        {
            bytes = _objects.GetValueOrDefault(key);
            at = "Last-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n" + _metadata.GetValueOrDefault(key);
        }
        if (bytes is null)
            return Refuse(404, "NoSuchKey");
        if (range is null)
            return new S3Answer(200, at, bytes);
        var (from, to) = range["bytes=".Length..].Split('-') is [var a, var b] ? (Number(a), Number(b)) : default;
        if (from >= bytes.Length)
            return Refuse(416, "InvalidRange");
        to = Math.Min(to, bytes.Length - 1);
        return new S3Answer(
            206,
            string.Create(CultureInfo.InvariantCulture, $"{at}Content-Range: bytes {from}-{to}/{bytes.Length}\r\n"),
            bytes[(int)from..((int)to + 1)]
        );
    }

    private S3Answer List(S3Request request)
    {
        var (prefix, after) = (request.Query("prefix"), RepeatsPages ? "" : request.Query("continuation-token"));
        List<KeyValuePair<string, byte[]>> found;
        lock (_gate)
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
        return new S3Answer(200, "", Encoding.UTF8.GetBytes(xml.Append("</ListBucketResult>").ToString()));
    }

    private static async Task SendAsync(S3Request request, S3Answer answer, NetworkStream stream, bool isHalf)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {answer.Status} X\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: {answer.Body.Length}\r\n{answer.Headers}\r\n"
        );
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), CancellationToken.None);
        if (request.Method != "HEAD" && answer.Status != 204)
            await stream.WriteAsync(
                answer.Body.AsMemory(0, answer.Body.Length / (isHalf ? 2 : 1)),
                CancellationToken.None
            );
    }

    private static S3Answer Refuse(int status, string code) =>
        new(
            status,
            "",
            Encoding.UTF8.GetBytes(
                $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>as told</Message></Error>"
            )
        );

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <param name="Headers">Beside those that every answer has, each with its line end.</param>
    private sealed record S3Answer(int Status, string Headers, byte[] Body);

    /// <summary>The head of a request; its body is still to be read.</summary>
    private sealed record S3Request(string Method, string Target, Dictionary<string, string> Headers)
    {
        public string Path => Target.Split('?')[0];

        public int LengthBytes => (int)Number(Header("content-length") ?? "0");

        public string? Header(string name) => Headers.GetValueOrDefault(name);

        /// <summary>What the server keeps beside the object, as headers of an answer.</summary>
        public string Metadata =>
            string.Concat(
                Headers
                    .Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
                    .Select(header => $"{header.Key}: {header.Value}\r\n")
            );

        public string Query(string name) =>
            Target
                .Split('?')[^1]
                .Split('&')
                .Select(pair => pair.Split('=', 2))
                .Where(pair => pair is [var key, _] && key == name)
                .Select(pair => Uri.UnescapeDataString(pair[1]))
                .FirstOrDefault("");

        public static async Task<S3Request> ReadAsync(NetworkStream stream)
        {
            List<string> lines = [];
            StringBuilder line = new();
            var one = new byte[1];
            while (await stream.ReadAsync(one, CancellationToken.None) > 0)
            {
                if (one[0] != '\n')
                {
                    line.Append((char)one[0]);
                    continue;
                }
                var text = line.ToString().TrimEnd('\r');
                line.Clear();
                if (text.Length == 0)
                    break;
                lines.Add(text);
            }
            if (lines.Count == 0)
                throw new IOException("a connection without a request");
            Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
            foreach (var header in lines.Skip(1).Select(text => text.Split(':', 2)))
                headers[header[0].Trim()] = header[1].Trim();
            if (headers.ContainsKey("expect"))
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), CancellationToken.None);
            var words = lines[0].Split(' ');
            return new S3Request(words[0], words[1], headers);
        }
    }
}
