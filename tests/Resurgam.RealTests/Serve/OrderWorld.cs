using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Serve;

/// <summary>A daemon, people whom its plan knows, and a runbook whose effects can be counted.</summary>
internal sealed class OrderWorld : IDisposable
{
    public const string Anna = "anna: 0123456789abcdef0123456789abcdef";
    public const string Ben = "ben: 0123456789abcdef0123456789abcdef";
    public const string Machine = "ci: 0123456789abcdef0123456789abcdef";

    private const string Runbook = """
        runbooks:
          work:
            steps:
              first: { action: command, with: { argv: [sh, -c, 'echo first >> effects'] } }
              gate: { action: approve, approval: { by: [anna, ben, root], two-person: true }, needs: [first] }
              last: { action: command, with: { argv: [sh, -c, 'echo last >> effects'] }, needs: [gate] }

        """;

    private readonly CancellationToken _cancellationToken;
    private readonly HttpClient _http = new();

    private OrderWorld(FilesWorld files, CancellationToken cancellationToken) =>
        (Files, _cancellationToken) = (files, cancellationToken);

    public FilesWorld Files { get; }

    public int Port { get; } = Loopback.FreePort();

    /// <summary>More of them for the daemon.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>();

    /// <summary>Beside a runbook that waits for people.</summary>
    public static async Task<OrderWorld> CreateAsync(CancellationToken cancellationToken)
    {
        var world = await CreateAsync(await FilesWorld.CreateAsync(cancellationToken), cancellationToken);
        await File.AppendAllTextAsync(world.Files.Combine("plan.yaml"), Runbook, cancellationToken);
        return world;
    }

    /// <summary>Beside a plan of its own.</summary>
    public static async Task<OrderWorld> CreateAsync(FilesWorld files, CancellationToken cancellationToken)
    {
        OrderWorld world = new(files, cancellationToken);
        var file = world.Files.Combine("ben");
        await File.WriteAllTextAsync(file, Ben + "\n", cancellationToken);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.AppendAllTextAsync(
            world.Files.Combine("plan.yaml"),
            $$"""
            people:
              anna: { token: { env: ANNA }, login: {{Environment.UserName}} }
              ben: { token: { file: {{file}} } }
              weak: { token: { env: WEAK } }
              machine: { token: { env: MACHINE }, may: [backup] }

            """,
            cancellationToken
        );
        return world;
    }

    public async Task<ResurgamProcess> StartAsync(params string[] listen)
    {
        var daemon = Files.StartWith(
            new Dictionary<string, string>(Variables)
            {
                ["ANNA"] = Anna,
                ["MACHINE"] = Machine,
                ["WEAK"] = "short",
            },
            ["serve", "--listen", $"127.0.0.1:{Port}", .. listen]
        );
        await daemon.WaitForLineAsync("serving plan", _cancellationToken);
        await Eventually.HoldsAsync(
            () => "it takes no orders",
            async () => (await SendAsync("GET", "/orders/none", Anna)).Status == HttpStatusCode.NotFound,
            _cancellationToken
        );
        return daemon;
    }

    public Task<HttpSeen> SendAsync(
        string method,
        string path,
        string? token,
        object? body = null,
        string? key = null
    ) => SendAsync(_http, method, path, token, body, key);

    /// <summary>Through a unix socket.</summary>
    public async Task<HttpSeen> SendThroughAsync(string socket, string method, string path, object? body, string? key)
    {
        using HttpClient http = new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    Socket connected = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connected.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connected, ownsSocket: true);
                },
            }
        );
        return await SendAsync(http, method, path, token: null, body, key);
    }

    public async Task<HttpSeen> WaitForOrderAsync(HttpSeen taken, string token)
    {
        var order = taken;
        await Eventually.HoldsAsync(
            () => $"the order is not at its end: {order.Body}",
            async () => (order = await SendAsync("GET", taken.Location, token)).Text("state") is "passed" or "failed",
            _cancellationToken
        );
        return order;
    }

    public async Task<string> WaitForGateAsync(HttpSeen taken)
    {
        var run = taken.Text("run");
        await Eventually.HoldsAsync(
            () => "the run does not wait at its gate",
            async () =>
                (await SendAsync("GET", $"/runs/{run}", Anna)).Body.Contains("runs approve", StringComparison.Ordinal),
            _cancellationToken
        );
        return run;
    }

    public async Task<IReadOnlyList<JsonElement>> EntriesAsync(string stream)
    {
        var exit = await Files.TryRunAsync("ledger", "show", "--stream", stream, "--last", "0", "--output", "json");
        if (exit.ExitCode != 0)
            return [];
        using var shown = JsonDocument.Parse(exit.Output);
        return [.. shown.RootElement.GetProperty("entries").EnumerateArray().Select(entry => entry.Clone())];
    }

    public async Task<string> EffectsAsync() =>
        await File.ReadAllTextAsync(Files.Combine("effects"), _cancellationToken);

    public void Dispose()
    {
        _http.Dispose();
        Files.Dispose();
    }

    private async Task<HttpSeen> SendAsync(
        HttpClient http,
        string method,
        string path,
        string? token,
        object? body,
        string? key
    )
    {
        using HttpRequestMessage request = new(new HttpMethod(method), $"http://127.0.0.1:{Port}{path}");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (body is string text)
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        else if (body is not null)
            request.Content = JsonContent.Create(body);
        using var answer = await http.SendAsync(request, _cancellationToken);
        return new HttpSeen(
            answer.StatusCode,
            answer.Content.Headers.ContentType?.MediaType ?? "",
            await answer.Content.ReadAsStringAsync(_cancellationToken),
            answer.Headers.Location?.OriginalString ?? "",
            answer.Headers.WwwAuthenticate.ToString()
        );
    }
}

internal sealed record HttpSeen(HttpStatusCode Status, string Type, string Body, string Location, string Challenge)
{
    public string Text(string name)
    {
        using var json = JsonDocument.Parse(Body);
        return json.RootElement.GetProperty(name).ToString();
    }
}
