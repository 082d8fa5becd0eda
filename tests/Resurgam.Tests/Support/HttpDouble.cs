using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Resurgam.Tests.Support;

/// <summary>What happens to a request.</summary>
public enum ServerTrouble
{
    None,

    /// <summary>503, as a busy server says it.</summary>
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

    /// <summary>What <see cref="HttpDouble.Refusal"/> says.</summary>
    Refused,

    /// <summary>A put is acknowledged, and nothing is kept.</summary>
    Forgotten,
}

/// <summary>A little server on the loopback interface, with trouble as told; what it serves its heirs know.</summary>
public abstract class HttpDouble : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _asked = [];

    protected HttpDouble()
    {
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        Serving = ServeAsync();
    }

    /// <summary>Ends after <see cref="Dispose()"/>, when every request has its answer.</summary>
    public Task Serving { get; }

    /// <summary>A request, as <see cref="LineOf"/> tells it, and how many like it came before.</summary>
    public Func<string, int, ServerTrouble> Trouble { get; set; } = (_, _) => ServerTrouble.None;

    public (int Status, string Code) Refusal { get; set; } = (403, "AccessDenied");

    /// <summary>What a listing leaves out, as a store does that shows new objects late.</summary>
    public Func<string, bool> IsHidden { get; set; } = _ => false;

    /// <summary>Called when a request is left without an answer.</summary>
    public Action OnSilence { get; set; } = () => { };

    /// <summary>Every request that came, as <see cref="LineOf"/> tells it.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (Gate)
                return [.. _asked];
        }
    }

    protected Lock Gate { get; } = new();

    /// <summary>Scheme, host and port.</summary>
    protected string Address { get; }

    /// <summary>What a server that is too busy says.</summary>
    protected abstract string BusyCode { get; }

    public void Dispose()
    {
        _listener.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <returns>Method and path, and what its heir takes for another request all the same.</returns>
    internal virtual string LineOf(HttpAsk request) => $"{request.Method} {request.Path}";

    internal abstract HttpAnswer Do(HttpAsk request, byte[] body, ServerTrouble trouble);

    /// <summary>Drops the object that the request is about.</summary>
    internal virtual void Forget(HttpAsk request) { }

    internal abstract HttpAnswer Refuse(int status, string code);

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
                await AnswerOrThrowAsync(await HttpAsk.ReadAsync(stream), stream);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // The client went away.
            }
        }
    }

    private async Task AnswerOrThrowAsync(HttpAsk request, NetworkStream stream)
    {
        var line = LineOf(request);
        int before;
        lock (Gate)
        {
            before = _asked.Count(other => other == line);
            _asked.Add(line);
        }
        var trouble = Trouble(line, before);
        if (trouble == ServerTrouble.Drop)
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
        if (trouble == ServerTrouble.Silent)
        {
            OnSilence();
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, CancellationToken.None);
            return;
        }
        var answer = trouble switch
        {
            ServerTrouble.Busy => Refuse(503, BusyCode),
            ServerTrouble.Refused => Refuse(Refusal.Status, Refusal.Code),
            _ => Do(request, body, trouble),
        };
        if (trouble == ServerTrouble.Forgotten)
            Forget(request);
        if (trouble != ServerTrouble.Unheard)
            await SendAsync(request, answer, stream, isHalf: trouble == ServerTrouble.HalfAnswer);
    }

    private static async Task SendAsync(HttpAsk request, HttpAnswer answer, NetworkStream stream, bool isHalf)
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
}

/// <param name="Headers">Beside those that every answer has, each with its line end.</param>
internal sealed record HttpAnswer(int Status, string Headers, byte[] Body);

/// <summary>The head of a request; its body is still to be read.</summary>
internal sealed record HttpAsk(string Method, string Target, Dictionary<string, string> Headers)
{
    public string Path => Target.Split('?')[0];

    public int LengthBytes => (int)long.Parse(Header("content-length") ?? "0", CultureInfo.InvariantCulture);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>What the server keeps beside the object, as headers of an answer.</summary>
    /// <param name="prefix">Of the headers that are kept.</param>
    public string Metadata(string prefix) =>
        string.Concat(
            Headers
                .Where(header => header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(header => $"{header.Key}: {header.Value}\r\n")
        );

    /// <summary>Whether the query has it, with a value or without.</summary>
    public bool Asks(string name) =>
        Target.Contains('?') && Target.Split('?')[^1].Split('&').Any(pair => pair.Split('=', 2)[0] == name);

    public string Query(string name) =>
        Target
            .Split('?')[^1]
            .Split('&')
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair is [var key, _] && key == name)
            .Select(pair => Uri.UnescapeDataString(pair[1]))
            .FirstOrDefault("");

    public static async Task<HttpAsk> ReadAsync(NetworkStream stream)
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
        return new HttpAsk(words[0], words[1], headers);
    }
}
