using System.Net;
using System.Text;
using System.Text.Json;
using Resurgam.Status;

namespace Resurgam.Serve;

/// <summary>What the daemon tells over HTTP: health, status, metrics. It only tells: nothing can be done through it.</summary>
internal sealed class HttpFace : IDisposable
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>Prometheus' text format 0.0.4.</summary>
    private const string MetricsText = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Answers at once; who asks more often than can be answered waits.</summary>
    private const int MostAtOnce = 8;

    private readonly HttpListener _listener = new();
    private readonly Daemon _daemon;
    private readonly DaemonLog _log;
    private readonly List<Task> _serving;

    private HttpFace(ListenAddress address, Daemon daemon, DaemonLog log)
    {
        (_daemon, _log) = (daemon, log);
        // The host of a request has to be one of these: a page of the web that points here by a name of its own is refused.
        foreach (var host in HostsOf(address))
            _listener.Prefixes.Add($"http://{host}:{address.Port}/");
        try
        {
            _listener.Start();
        }
        catch (Exception e) when (e is HttpListenerException or System.Net.Sockets.SocketException)
        {
            throw ServeProblems.CannotListen(address, e);
        }
        _serving = [.. Enumerable.Range(0, MostAtOnce).Select(_ => ServeAsync())];
    }

    public static HttpFace Start(ListenAddress address, Daemon daemon, DaemonLog log)
    {
        HttpFace face = new(address, daemon, log);
        log.Write(LogLevel.Note, "http", $"listening on {address}");
        return face;
    }

    public void Dispose()
    {
        _listener.Close();
        Task.WhenAll(_serving).Wait(TimeSpan.FromSeconds(1));
    }

    private static IEnumerable<string> HostsOf(ListenAddress address) =>
        IPAddress.IsLoopback(address.Address) ? [address.Address.ToString(), "localhost"]
        : address.Address.Equals(IPAddress.Any) ? ["*"]
        : [address.Address.ToString()];

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
            try
            {
                var context = await _listener.GetContextAsync();
                var answer = AnswerTo(context.Request);
                context.Response.StatusCode = answer.Status;
                context.Response.ContentType = answer.Type;
                context.Response.Headers["Cache-Control"] = "no-store";
                await using var body = context.Response.OutputStream;
                if (context.Request.HttpMethod != "HEAD")
                    await body.WriteAsync(Encoding.UTF8.GetBytes(answer.Body), CancellationToken.None);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Who asked has gone, or we are closing.
            }
#pragma warning disable CA1031 // A root: a bug in one answer must not end the others.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _log.Write(LogLevel.Error, "http", e.ToString(), "bug");
            }
    }

    private HttpAnswer AnswerTo(HttpListenerRequest request)
    {
        if (request.HttpMethod is not ("GET" or "HEAD"))
            return Tell(405, "only GET: nothing can be done here");
        return request.Url?.AbsolutePath switch
        {
            "/healthz" => Health(),
            "/readyz" => _daemon.Sight is null ? Tell(503, "the vault has not been looked at yet") : Tell(200, "ready"),
            "/status" => Status(),
            "/metrics" => new HttpAnswer(200, MetricsText, MetricsPage.Write(_daemon)),
            "/openapi.json" => new HttpAnswer(200, Json, OpenApi.Document),
            _ => Tell(404, "known here: /healthz, /readyz, /status, /metrics, /openapi.json"),
        };
    }

    /// <summary>Well only when every worker is: a dead one is named.</summary>
    private HttpAnswer Health()
    {
        var now = _daemon.Time.GetUtcNow();
        HealthDocument document = new(
            _daemon.Supervisor.Workers.All(worker => worker.IsAliveAt(now)) && _daemon.PlanProblem is null,
            now,
            _daemon.PlanProblem?.What,
            [
                .. _daemon.Supervisor.Workers.Select(worker => new WorkerView(
                    worker.Name,
                    worker.IsAliveAt(now),
                    worker.BeatAt,
                    worker.Restarts,
                    worker.Problem
                )),
            ]
        );
        return new HttpAnswer(
            document.Healthy ? 200 : 503,
            Json,
            JsonSerializer.Serialize(document, ServeDocuments.Json.HealthDocument)
        );
    }

    private HttpAnswer Status() =>
        _daemon.FindSightNow() is { } sight
            ? new HttpAnswer(
                200,
                Json,
                JsonSerializer.Serialize(
                    StatusDocument.Of(sight.Plan, sight.VaultId, sight.Store, sight.Status),
                    StatusDocuments.Json.StatusDocument
                )
            )
            : Tell(503, "the vault has not been looked at yet");

    private static HttpAnswer Tell(int status, string text) =>
        new(status, Json, JsonSerializer.Serialize(new ToldDocument(text), ServeDocuments.Json.ToldDocument));

    private sealed record HttpAnswer(int Status, string Type, string Body);
}
