using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Redis.Commands;

/// <summary>
/// How a timeline of a command stream begins: it lies where a PostgreSQL timeline has its history. A timeline has one
/// replication id; it begins with a base, or goes on where another one ended.
/// </summary>
public sealed record StreamLink
{
    public required string ReplicationId { get; init; }

    /// <summary>The server's count where it begins.</summary>
    public required long Offset { get; init; }

    /// <summary>Where its first frame lies: positions grow from one timeline to the next.</summary>
    public required ulong Position { get; init; }

    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>The timeline whose end this is the continuation of; null after a new base.</summary>
    public uint? Continues { get; init; }

    /// <summary>Id of the snapshot that it begins with; null when it continues another.</summary>
    public string? Base { get; init; }

    /// <summary>Up to when the timeline before this one reached: between that and the base lies a gap. Null: there was none before.</summary>
    public DateTimeOffset? GapFrom { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, StreamJson.Default.StreamLink);

    public static StreamLink Read(uint timeline, ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StreamJson.Default.StreamLink)
                ?? throw RedisFormatProblems.NoLink(timeline);
        }
        catch (JsonException)
        {
            throw RedisFormatProblems.NoLink(timeline);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(StreamLink))]
internal sealed partial class StreamJson : JsonSerializerContext;
