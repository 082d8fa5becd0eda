using System.Text.Json.Serialization;
using Resurgam.Cli;

namespace Resurgam.Serve;

/// <summary>What <c>/healthz</c> tells.</summary>
/// <param name="Plan">Why the plan file as it is now is not followed; null when it is.</param>
internal sealed record HealthDocument(bool Healthy, DateTimeOffset At, string? Plan, IReadOnlyList<WorkerView> Workers);

/// <param name="BeatAt">When it last said that it lives.</param>
internal sealed record WorkerView(string Name, bool Alive, DateTimeOffset BeatAt, int Restarts, string? Problem);

internal sealed record ToldDocument(string Text);

[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(ToldDocument))]
internal sealed partial class ServeDocuments : JsonSerializerContext
{
    public static readonly ServeDocuments Json = new(CliJson.NewOptions());
}
