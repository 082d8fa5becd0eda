using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Resurgam.Adapters.Network;
using Resurgam.Adapters.Traces;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>The daemon over HTTP: what it tells anybody, and what it does for those that its plan knows.</summary>
/// <remarks>Kestrel alone, without host, routing or container: docs/adr/0023-kestrel.md.</remarks>
internal sealed class HttpFace : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private const string ProblemJson = "application/problem+json; charset=utf-8";

    /// <summary>Orders are short.</summary>
    private const int MostBodyBytes = 64 << 10;

    private const int MostConnections = 200;

    private static readonly Person Nobody = new() { Name = "" };

    public static readonly IReadOnlyList<HttpRoute> Routes = [.. HttpPages.Routes, .. HttpOrders.Routes];

    private readonly IReadOnlyList<ListenAddress> _addresses;
    private readonly DaemonLog _log;
    private readonly ApiGuard _guard;
    private readonly KestrelServer _server;

    private HttpFace(IReadOnlyList<ListenAddress> addresses, HttpSurroundings around)
    {
        (_addresses, _log, Around) = (addresses, around.Log, around);
        _guard = new ApiGuard(around.Session, around.Log);
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = MostBodyBytes;
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        foreach (var address in addresses)
            options.Listen(address.Point, listen => listen.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(
            Options.Create(options),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance
        );
    }

    public HttpSurroundings Around { get; }

    /// <summary>Answers that open the vault wait for each other: each costs memory and calls of the store.</summary>
    public SemaphoreSlim Vaults { get; } = new(2, 2);

    /// <exception cref="ResurgamException"><c>listen-failed</c></exception>
    public static async Task<HttpFace> StartAsync(
        IReadOnlyList<ListenAddress> addresses,
        HttpSurroundings around,
        CancellationToken cancellationToken
    )
    {
        HttpFace face = new(addresses, around);
        try
        {
            foreach (var path in addresses.Select(address => address.SocketPath).OfType<string>())
                SocketFile.ClearLeft(path);
            await face._server.StartAsync(face, cancellationToken);
            foreach (var path in addresses.Select(address => address.SocketPath).OfType<string>())
                File.SetUnixFileMode(path, Mode);
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            await face.DisposeAsync();
            throw ServeProblems.CannotListen(addresses, e);
        }
        foreach (var address in addresses)
            around.Log.Write(LogLevel.Note, "http", $"listening on {address}");
        return face;
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception) { }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var answer = await AnswerAsync(context);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Type;
        context.Response.Headers.CacheControl = "no-store";
        if (answer.Status == 401)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (answer.Location is not null)
            context.Response.Headers.Location = answer.Location;
        var body = Encoding.UTF8.GetBytes(answer.Body);
        context.Response.ContentLength = body.Length;
        if (context.Request.Method != "HEAD")
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        using (CancellationTokenSource limit = new(TimeSpan.FromSeconds(1)))
            await _server.StopAsync(limit.Token);
        _server.Dispose();
        _guard.Dispose();
        Vaults.Dispose();
    }

    /// <summary>Its user and group: who may open it decides who may ask, and is known by the kernel's word.</summary>
    private static UnixFileMode Mode =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private async Task<HttpAnswer> AnswerAsync(HttpContext context)
    {
        try
        {
            CheckHost(context);
            var (route, names) = Find(context);
            if (route.Right is not { } right)
                return await route.Answer(this, new ApiRequest(context, Nobody, names));
            var person = await _guard.GetAsync(
                Around.Daemon.Plan ?? throw ApiProblems.Unready(),
                context.Request.Headers.Authorization,
                UserOf(context),
                right,
                Around.Stop
            );
            return await ActAsync(route, new ApiRequest(context, person, names));
        }
        catch (ResurgamException e)
        {
            return Of(e.Problem);
        }
        catch (OperationCanceledException)
        {
            return Of(ApiProblems.Unready().Problem); // the daemon stops
        }
#pragma warning disable CA1031 // A root: a bug in one answer must not end the others, and is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _log.Write(LogLevel.Error, "http", e.ToString(), "bug");
            return Of(
                new Problem("bug", Remedy.Report, "this is a bug of resurgam", "Report it with the daemon's log.")
            );
        }
    }

    /// <summary>What is asked over HTTP belongs to the trace of who asks.</summary>
    private Task<HttpAnswer> ActAsync(HttpRoute route, ApiRequest request)
    {
        var headers = request.Context.Request.Headers;
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        return Spans.RunAsync(
            $"{route.Method} {route.Path}",
            parent,
            [("resurgam.person", request.Person.Name)],
            async span =>
            {
                var answer = await route.Answer(this, request);
                span?.SetTag("http.response.status_code", answer.Status);
                return answer;
            }
        );
    }

    private static HttpAnswer Of(Problem problem)
    {
        var status = ApiProblems.StatusOf(problem);
        return new HttpAnswer(
            status,
            ProblemJson,
            JsonSerializer.Serialize(ProblemDocument.Of(problem, status), HttpDocuments.Json.ProblemDocument)
        );
    }

    private static (HttpRoute Route, IReadOnlyList<string> Names) Find(HttpContext context)
    {
        var (path, method) = (context.Request.Path.Value ?? "/", context.Request.Method);
        List<string> allowed = [];
        foreach (var route in Routes)
            if (route.TryMatch(path) is { } names)
            {
                if (route.Method == method || (method == "HEAD" && route.Method == "GET"))
                    return (route, names);
                allowed.Add(route.Method);
            }
        throw allowed.Count == 0
            ? ApiProblems.NoPath(path)
            : ApiProblems.NoMethod(path, method, string.Join(", ", allowed));
    }

    /// <summary>A page of the web that points to this machine by a name of its own is refused.</summary>
    private void CheckHost(HttpContext context)
    {
        if (
            context.Connection.LocalIpAddress is not { } local
            || _addresses.Any(address => address.Point is IPEndPoint point && IsAny(point.Address))
        )
            return;
        var host = context.Request.Host.Host.Trim('[', ']');
        if (IPAddress.TryParse(host, out var named) && named.Equals(local))
            return;
        if (!IPAddress.IsLoopback(local) || !host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            throw ApiProblems.BadHost(host);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string? UserOf(HttpContext context) =>
        context.Features.Get<IConnectionSocketFeature>() is { } feature ? SocketPeer.FindUser(feature.Socket) : null;
}

/// <summary>What answers need.</summary>
/// <param name="Stop">The daemon stops.</param>
internal sealed record HttpSurroundings(
    Cli.Session Session,
    Daemon Daemon,
    OrderDesk Desk,
    DaemonLog Log,
    CancellationToken Stop
);
