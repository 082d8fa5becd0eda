using System.Text.Json;
using Resurgam.Status;

namespace Resurgam.Serve;

/// <summary>What anybody may ask: health, status, metrics.</summary>
internal static class HttpPages
{
    public const string Json = "application/json; charset=utf-8";

    /// <summary>Prometheus' text format 0.0.4.</summary>
    private const string MetricsText = "text/plain; version=0.0.4; charset=utf-8";

    public static readonly IReadOnlyList<HttpRoute> Routes =
    [
        Page("/healthz", Health),
        Page("/readyz", daemon => daemon.Sight is null ? Tell(503, NotSeen) : Tell(200, "ready")),
        Page("/status", Status),
        Page("/metrics", daemon => new HttpAnswer(200, MetricsText, MetricsPage.Write(daemon))),
        Page("/openapi.json", _ => new HttpAnswer(200, Json, OpenApi.Document)),
    ];

    private const string NotSeen = "the vault has not been looked at yet";

    private static HttpRoute Page(string path, Func<Daemon, HttpAnswer> answer) =>
        new("GET", path, Right: null, (face, _) => Task.FromResult(answer(face.Around.Daemon)));

    /// <summary>Well only when every worker is: a dead one is named.</summary>
    private static HttpAnswer Health(Daemon daemon)
    {
        var now = daemon.Time.GetUtcNow();
        HealthDocument document = new(
            daemon.Supervisor.Workers.All(worker => worker.IsAliveAt(now)) && daemon.PlanProblem is null,
            now,
            daemon.PlanProblem?.What,
            [
                .. daemon.Supervisor.Workers.Select(worker => new WorkerView(
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

    private static HttpAnswer Status(Daemon daemon) =>
        daemon.FindSightNow() is { } sight
            ? new HttpAnswer(
                200,
                Json,
                JsonSerializer.Serialize(
                    StatusDocument.Of(sight.Plan, sight.VaultId, sight.Store, sight.Status),
                    StatusDocuments.Json.StatusDocument
                )
            )
            : Tell(503, NotSeen);

    private static HttpAnswer Tell(int status, string text) =>
        new(status, Json, JsonSerializer.Serialize(new ToldDocument(text), ServeDocuments.Json.ToldDocument));
}
